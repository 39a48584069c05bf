//! A label without a name.

use tta_runtime::primitive;

#[primitive(type = "tool", labels("gold"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
