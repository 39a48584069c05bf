//! An unknown key.

use tta_runtime::primitive;

#[primitive(type = "tool", colour = "red")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
