//! A usage closure that returns another type.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = |reply| reply.tokens)]
async fn called() -> Result<Reply, String> {
    Ok(Reply { tokens: 5 })
}

struct Reply {
    tokens: u32,
}

fn main() {
    drop(called());
}
