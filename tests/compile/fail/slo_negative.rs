//! A negative target.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(latency = "1s", latency_target = -5))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
