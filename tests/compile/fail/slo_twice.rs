//! The same objective twice.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(availability = 99, availability = 98))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
