//! The same span attribute twice.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes("a.b" = 5, "a.b" = 6))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
