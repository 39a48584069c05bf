//! The same key twice.

use tta_runtime::primitive;

#[primitive(type = "tool", name = "a", name = "b")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
