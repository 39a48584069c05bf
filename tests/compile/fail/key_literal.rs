//! A literal where a key is expected.

use tta_runtime::primitive;

#[primitive("tool")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
