//! A misspelt type.

use tta_runtime::primitive;

#[primitive(type = "lmm", action = "generate")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
