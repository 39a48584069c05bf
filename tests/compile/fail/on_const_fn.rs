//! The attribute on a `const fn`.

use tta_runtime::primitive;

#[primitive(type = "tool")]
const fn called() -> u8 {
    5
}

fn main() {
    called();
}
