//! A program that serves its metrics until the test ends.

use tta_runtime::{LabelValue, primitive};

pub(super) fn run() {
    let requests =
        prometheus::IntCounter::new("host_requests_total", "Requests \\ \"seen\"\nby the host.").expect("it is valid");
    tta_runtime::registry().register(Box::new(requests.clone())).expect("the name is free");
    requests.inc_by(5);
    let telemetry = super::start();
    for number in 0..7 {
        let _ = served(number, Size::Large);
    }
    assert!(telemetry.flush(super::PATIENCE));
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[derive(Clone, Copy, LabelValue)]
enum Size {
    Small,
    Large,
}

#[primitive(type = "workflow", labels(size = size), slo(availability = 99))]
fn served(number: u64, size: Size) -> Result<u64, String> {
    let _ = Size::Small;
    if number == 0 { Err("none".to_owned()) } else { Ok(number) }
}
