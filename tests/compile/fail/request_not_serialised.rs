//! A request that does not serialise.

use tta_runtime::primitive;

struct Body;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "m", usage = none, request = body)]
fn called(body: &Body) -> u8 {
    let _ = body;
    5
}

fn main() {
    called(&Body);
}
