//! `capped` with no argument and with two.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(left = capped(), right = capped("a", "b")))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
