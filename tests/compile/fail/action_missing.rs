//! A type with several actions needs an `action`.

use tta_runtime::primitive;

#[primitive(type = "agent")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
