//! `ok_if` with a literal.

use tta_runtime::primitive;

#[primitive(type = "tool", ok_if = true)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
