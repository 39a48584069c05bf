//! Empty `slo`.

use tta_runtime::primitive;

#[primitive(type = "tool", slo())]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
