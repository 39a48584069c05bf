//! A custom type that the vocabulary has.

use tta_runtime::primitive;

#[primitive(type = custom("tool"), action = custom("call"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
