//! A borrow error is reported as in a bare function.

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn longest(text: String) -> &'static str {
    text.as_str()
}

fn main() {
    longest(String::new());
}
