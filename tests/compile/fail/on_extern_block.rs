//! The attribute on a block of foreign functions.

use tta_runtime::primitive;

#[primitive(type = "tool")]
unsafe extern "C" {
    safe fn abs(number: i32) -> i32;
}

fn main() {
    abs(5);
}
