//! The attribute on an enum.

use tta_runtime::primitive;

#[primitive(type = "tool")]
enum Called {
    Once,
}

fn main() {
    let _ = Called::Once;
}
