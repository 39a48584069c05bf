//! A type that is a number.

use tta_runtime::primitive;

#[primitive(type = 5)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
