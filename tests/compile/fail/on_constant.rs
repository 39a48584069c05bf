//! The attribute on a constant.

use tta_runtime::primitive;

#[primitive(type = "tool")]
const CALLED: fn() = main;

fn main() {
    let _ = CALLED;
}
