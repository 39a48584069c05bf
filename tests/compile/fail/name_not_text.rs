//! A name that is no text.

use tta_runtime::primitive;

#[primitive(type = "tool", name = 5)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
