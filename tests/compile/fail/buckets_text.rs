//! A bucket that is no number.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets("1s", 2))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
