//! A label without a value.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(region =, tier))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
