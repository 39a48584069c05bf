//! A literal where a key belongs.

use tta_runtime::primitive;

#[primitive("tool")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
