//! `format!` as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = format!("{}", 5)))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
