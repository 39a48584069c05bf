//! `outcome` with a literal.

use tta_runtime::primitive;

#[primitive(type = "tool", outcome = "success")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
