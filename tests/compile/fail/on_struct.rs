//! The attribute on a struct.

use tta_runtime::primitive;

#[primitive(type = "tool")]
struct Called;

fn main() {
    let _ = Called;
}
