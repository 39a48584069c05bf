//! Two keys without a comma between them.

use tta_runtime::primitive;

#[primitive(type = "tool" name = "a")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
