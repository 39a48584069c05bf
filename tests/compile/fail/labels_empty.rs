//! Empty `labels`.

use tta_runtime::primitive;

#[primitive(type = "tool", labels())]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
