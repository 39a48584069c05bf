//! A `String` as a model.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = model, usage = none)]
async fn called(model: String) -> usize {
    model.len()
}

fn main() {
    drop(called(String::new()));
}
