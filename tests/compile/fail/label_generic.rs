//! A generic type that may be no closed set as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(kind = kind))]
fn called<T: Copy>(kind: T) -> T {
    kind
}

fn main() {
    called(true);
}
