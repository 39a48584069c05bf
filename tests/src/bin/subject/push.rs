//! A short job that ends before any scrape.

use tta_runtime::primitive;

pub(super) fn run() {
    super::warnings::print();
    let telemetry = super::start();
    for number in 0..3 {
        let _ = nightly(number);
    }
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
fn nightly(number: u64) -> Result<(), String> {
    if number == 0 { Err("none".to_owned()) } else { Ok(()) }
}
