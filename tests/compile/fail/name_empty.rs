//! A blank name.

use tta_runtime::primitive;

#[primitive(type = "tool", name = " ")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
