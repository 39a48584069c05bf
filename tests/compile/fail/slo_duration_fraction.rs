//! A duration with a fraction.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(latency = "1.5s", latency_target = 95))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
