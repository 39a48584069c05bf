//! A single number where a set or a list is expected.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets = 5)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
