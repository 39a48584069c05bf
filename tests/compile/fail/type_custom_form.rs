//! A custom type that is not in snake case.

use tta_runtime::primitive;

#[primitive(type = custom("My Type"), action = custom("run"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
