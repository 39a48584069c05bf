//! A latency without a target.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(latency = "800ms"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
