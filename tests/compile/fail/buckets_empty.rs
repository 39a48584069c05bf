//! Empty `buckets`.

use tta_runtime::primitive;

#[primitive(type = "tool", buckets())]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
