//! A custom type with other letters.

use tta_runtime::primitive;

#[primitive(type = custom("My Type"), action = custom("run"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
