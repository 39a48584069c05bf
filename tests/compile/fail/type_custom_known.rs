//! A custom type that is in the vocabulary.

use tta_runtime::primitive;

#[primitive(type = custom("tool"), action = custom("call"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
