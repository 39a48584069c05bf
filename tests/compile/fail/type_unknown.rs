//! An unknown type.

use tta_runtime::primitive;

#[primitive(type = "database")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
