//! A bucket set that is like no known one.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets = "medium")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
