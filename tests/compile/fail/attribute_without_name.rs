//! A span attribute without a name.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes(5))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
