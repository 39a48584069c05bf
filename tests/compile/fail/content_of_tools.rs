//! `content` on a type that calls no model.

use tta_runtime::primitive;

#[primitive(type = "tool", content = |_| true)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
