//! Every key at once.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::llm::Usage;
use tta_runtime::primitive;

struct Completion {
    text: String,
    usage: Usage,
}

enum Failure {
    Refused,
}

impl Failure {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

#[primitive(
    type = "llm",
    action = "generate",
    name = "summary",
    provider = "openai",
    model = capped(model),
    tier = "batch",
    usage = |completion| completion.usage.clone(),
    labels(region = "eu"),
    attributes("text.length" = text.len(), "text.pages" = vec![1_i64, 2], "text.author" = None::<&str>),
    slo(availability = 99.5, latency = "2s", latency_target = 95),
    buckets(0.1, 0.5, 2),
    error_type = Failure::is_refusal,
    ok_if = |completion| !completion.text.is_empty(),
    crate = ::tta_runtime,
)]
async fn summarise(model: &str, text: &str) -> Result<Completion, Failure> {
    std::future::ready(()).await;
    if text.is_empty() {
        return Err(Failure::Refused);
    }
    Ok(Completion { text: format!("{model}: {text}"), usage: Usage::new(1, 2) })
}

pub(crate) fn main() {
    drop(summarise("gpt-4o", ""));
}
