//! Number and character literals as labels.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(count = 5, ratio = 0.5, negative = -1, letter = 'a'))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
