//! An attribute without a type.

use tta_runtime::primitive;

#[primitive(name = "a")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
