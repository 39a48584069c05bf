//! A usage that is a string.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = "none")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
