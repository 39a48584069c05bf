//! An attribute whose name is no text.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes(pages = 5))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
