//! Names of span attributes that are empty or contain a space.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes("" = 5, "a b" = 6))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
