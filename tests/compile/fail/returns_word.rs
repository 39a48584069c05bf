//! `returns` with an unknown word.

use tta_runtime::primitive;

#[primitive(type = "tool", returns = iterator)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
