//! A misspelt bucket set.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets = "fats")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
