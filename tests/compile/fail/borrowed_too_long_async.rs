//! A borrow error is reported as in a bare `async fn`.

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn longest(text: String, other: Box<u8>) -> &'static str {
    if *other == 0 {
        return text.as_str();
    }
    ""
}

fn main() {
    drop(longest(String::new(), Box::new(1)));
}
