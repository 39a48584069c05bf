//! Buckets that do not increase.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets(1, 0.5, 2, 2))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
