//! Buckets of zero and below.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets(-1, 0, 1))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
