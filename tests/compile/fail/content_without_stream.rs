//! `content` on functions that return no stream.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = none, content = |_| true)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
