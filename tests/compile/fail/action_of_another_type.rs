//! The action of another type.

use tta_runtime::primitive;

#[primitive(type = "tool", action = "search")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
