//! A custom type has no predefined actions.

use tta_runtime::primitive;

#[primitive(type = custom("simulation"), action = "step")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
