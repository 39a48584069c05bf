//! A duration that is a number.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(latency = 250, latency_target = 95))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
