//! `in_body` for an output that does not serialise.

use tta_runtime::llm::in_body;
use tta_runtime::primitive;

struct Completion;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
fn called() -> Completion {
    Completion
}

fn main() {
    called();
}
