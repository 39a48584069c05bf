//! A misspelt action.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "genrate", provider = "a", model = "b", usage = none)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
