//! A type that does not implement `AttributeValue`.

use tta_runtime::primitive;

#[primitive(type = "tool", attributes("a.b" = Secret))]
fn called() -> u8 {
    5
}

struct Secret;

fn main() {
    called();
}
