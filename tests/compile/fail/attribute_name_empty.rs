//! Attributes without a name and with a space.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes("" = 5, "a b" = 6))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
