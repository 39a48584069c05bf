//! An attribute without keys.

use tta_runtime::primitive;

#[primitive()]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
