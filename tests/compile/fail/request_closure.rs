//! `request` as a closure, and as a literal.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "m", usage = none, request = |body| body)]
fn closure(_body: &str) -> u8 {
    5
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "m", usage = none, request = "body")]
fn literal(_body: &str) -> u8 {
    5
}

fn main() {
    closure("");
    literal("");
}
