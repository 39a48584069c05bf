//! Native histograms that are switched on after calls have ended.

use std::thread;
use std::time::Duration;

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, Debug, LabelValue)]
enum Speed {
    Fast,
    Slow,
}

/// Takes no time, or 30 ms.
#[primitive(type = "tool", labels(speed = speed), buckets(0.025, 10.0))]
fn work(speed: Speed) {
    if matches!(speed, Speed::Slow) {
        thread::sleep(Duration::from_millis(30));
    }
}

/// Makes calls before the start and after it, and prints the address of the metrics.
pub(super) fn run() {
    (0..40).for_each(|_| work(Speed::Fast));
    (0..2).for_each(|_| work(Speed::Slow));
    // A start without native histograms reads what there is.
    assert!(tta_runtime::metrics_text().contains("tta_execution_duration_seconds_count"));
    let telemetry =
        tta_runtime::builder().service_name("subject").native_histograms().init().expect("the telemetry starts");
    (0..5).for_each(|_| work(Speed::Slow));
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
}
