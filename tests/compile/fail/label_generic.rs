//! A generic type as a label, without the bound `LabelValue`.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(kind = kind))]
fn called<T: Copy>(kind: T) -> T {
    kind
}

fn main() {
    called(true);
}
