//! `custom` without a name.

use tta_runtime::primitive;

#[primitive(type = custom(), action = custom("run"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
