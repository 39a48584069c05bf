//! A type with several actions needs one.

use tta_runtime::primitive;

#[primitive(type = "agent")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
