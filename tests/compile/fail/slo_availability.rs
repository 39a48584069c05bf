//! Availabilities out of range, and one that is not a number.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(availability = 100))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
