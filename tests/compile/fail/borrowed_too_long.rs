//! A borrow that ends too early is explained as ever.

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn longest(text: String) -> &'static str {
    text.as_str()
}

fn main() {
    longest(String::new());
}
