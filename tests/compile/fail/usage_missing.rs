//! A call to a model whose output does not implement `HasUsage`.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn called() -> Result<Completion, String> {
    Ok(Completion)
}

struct Completion;

fn main() {
    drop(called());
}
