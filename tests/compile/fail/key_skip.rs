//! `skip` on a function.

use tta_runtime::primitive;

#[primitive(skip)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
