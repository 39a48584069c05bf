//! A syntax error in the body is the compiler's own.

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn half_typed(text: String) -> usize {
    let length = text.
}

fn main() {
    drop(half_typed(String::new()));
}
