//! A name that is not a string.

use tta_runtime::primitive;

#[primitive(type = "tool", name = 5)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
