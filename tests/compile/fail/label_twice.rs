//! The same label twice.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(region = "a", region = "b"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
