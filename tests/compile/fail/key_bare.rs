//! Keys without a value.

use tta_runtime::primitive;

#[primitive(type = "tool", name, buckets, slo, labels)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
