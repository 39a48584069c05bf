//! A mistake of syntax in a body stays the compiler's own.

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn half_typed(text: String) -> usize {
    let length = text.
}

fn main() {
    drop(half_typed(String::new()));
}
