//! A value where a list is expected.

use tta_runtime::primitive;

#[primitive(type = "tool", labels = "a", slo = 5, attributes = 7)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
