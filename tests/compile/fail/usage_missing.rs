//! A model call whose output does not know its usage.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn called() -> Result<Completion, String> {
    Ok(Completion)
}

struct Completion;

fn main() {
    drop(called());
}
