//! Label names that are not in snake case.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(Region = "a", userKind = "b", "with space" = "c", _first = "d"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
