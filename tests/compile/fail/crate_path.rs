//! `crate` with a value that is not a path.

use tta_runtime::primitive;

#[primitive(type = "tool", crate = "tta_runtime")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
