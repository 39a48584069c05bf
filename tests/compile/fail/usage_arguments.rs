//! A usage closure with two arguments.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = |left, right| left)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
