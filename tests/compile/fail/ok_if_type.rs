//! A condition that does not return `bool`.

use tta_runtime::primitive;

#[primitive(type = "tool", ok_if = |count| count + 1)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
