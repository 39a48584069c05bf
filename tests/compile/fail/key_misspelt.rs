//! A misspelt key.

use tta_runtime::primitive;

#[primitive(type = "tool", lable(a = "b"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
