//! A list where a value is expected.

use tta_runtime::primitive;

#[primitive(type("tool"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
