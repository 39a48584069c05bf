//! A bucket that is a string.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets("1s", 2))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
