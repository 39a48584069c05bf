//! A custom type needs an `action`.

use tta_runtime::primitive;

#[primitive(type = custom("simulation"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
