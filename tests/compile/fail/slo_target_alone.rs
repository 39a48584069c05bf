//! A target without a latency.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(latency_target = 95))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
