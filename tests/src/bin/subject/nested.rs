//! A workflow with an agent, a model call, tools with labels, and attributes of every type.

use std::time::Duration;

use tta_runtime::llm::Usage;
use tta_runtime::{LabelValue, WorkflowContext, primitive};

pub(super) fn run() {
    let telemetry = super::start();
    let context =
        WorkflowContext::new().with_session_id("session-1").with_agent_id("agent-7").with_tag("tenant", "blue");
    super::block_on(context.scope(answer("where?")));
    let _ = telemetry.shutdown(super::PATIENCE);
    // Read last, so that the final export and this reading have the same numbers.
    print!("{}", tta_runtime::metrics_text());
}

#[primitive(type = "workflow", slo(availability = 99.5, latency = "2s", latency_target = 95))]
async fn answer(question: &str) -> usize {
    tokio::task::yield_now().await;
    let parts = look_up(question, if question.is_empty() { Audience::Public } else { Audience::Internal });
    write(parts).await
}

#[primitive(type = "agent", action = "plan", name = "writer")]
async fn write(parts: usize) -> usize {
    tokio::task::yield_now().await;
    generate(parts).await.output_tokens as usize
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", tier = "cheap")]
async fn generate(parts: usize) -> Usage {
    tokio::task::yield_now().await;
    Usage::new(1_000 * parts as u64, 200)
        .with_cached_input_tokens(400)
        .with_reasoning_tokens(100)
        .with_response_model("gpt-4o-mini-2024-07-18")
        .with_response_id("chatcmpl-1")
        .with_finish_reasons(["stop"])
}

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Internal,
    Public,
}

#[primitive(
    type = "retrieval",
    action = "search",
    labels(audience = audience, region = "eu"),
    attributes(
        "query.length" = question.len(),
        "query.text" = question,
        "query.weight" = 0.5_f64,
        "query.exact" = matches!(audience, Audience::Public),
        "query.limit" = Duration::from_millis(1_500),
        "query.words" = vec!["where", "?"],
        "query.scores" = vec![0.25_f64, 0.75],
        "query.pages" = vec![3_i64, 5],
        "query.flags" = vec![true, false],
        "query.unknown" = None::<&str>,
    ),
)]
fn look_up(question: &str, audience: Audience) -> usize {
    question.len() / 5
}
