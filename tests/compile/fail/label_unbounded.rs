//! Label names whose values are unbounded, with values that are capped or of unknown type.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(user_id = capped(user), trace_id = trace(), prompt = self::PROMPT, email = capped("d")))]
fn called(user: &str) -> usize {
    user.len()
}

const PROMPT: bool = true;

fn trace() -> bool {
    true
}

fn main() {
    called("");
}
