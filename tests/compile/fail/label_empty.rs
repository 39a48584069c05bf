//! An empty string as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = ""))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
