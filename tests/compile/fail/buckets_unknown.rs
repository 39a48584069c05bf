//! An unknown bucket set.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets = "medium")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
