//! A percentage that is a string.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(availability = "99.9%"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
