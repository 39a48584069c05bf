//! No bucket at all.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets())]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
