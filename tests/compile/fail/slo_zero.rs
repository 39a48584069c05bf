//! An availability of zero.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(availability = 0.0))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
