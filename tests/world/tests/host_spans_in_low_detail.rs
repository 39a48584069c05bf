//! Wrappers without spans of their own, where calls are recorded on the spans of a host.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use expect_test::expect;
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::block::{Block, BlockError, CircuitBreaker, Fallback, Retry};
use tta_runtime::{SpanDetail, primitive};
use world::Host;

fn host() -> &'static Host {
    world::host(|builder| builder.spans_to_tracing_opentelemetry().span_detail(SpanDetail::Low))
}

#[primitive(type = "tool")]
async fn second_time(attempts: &AtomicU32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    match attempts.fetch_add(1, Ordering::Relaxed) {
        0 => Err("busy".to_owned()),
        attempt => Ok(attempt),
    }
}

#[primitive(type = "workflow")]
async fn answer() -> (Option<TraceId>, Result<u32, BlockError<String>>) {
    let attempts = AtomicU32::new(0);
    let retry = Retry::when(|_: &String| true).backoff(Duration::ZERO, Duration::ZERO);
    let nothing = async |_| Ok(0);
    let work =
        second_time.with(CircuitBreaker::after_failures(5)).with(retry).with(Fallback::to(nothing.named("none")));
    (tta_runtime::trace_id(), work.run(&attempts).await)
}

/// Returns what the blocks said of a span, in the order of the names.
fn facts(span: &SpanData) -> String {
    let of_blocks = |key: &str| ["retry.", "fallback.", "circuit_breaker."].iter().any(|block| key.starts_with(block));
    let facts = span.attributes.iter().filter(|attribute| of_blocks(attribute.key.as_str()));
    let mut facts: Vec<_> = facts.map(|attribute| format!("{}={}", attribute.key, attribute.value)).collect();
    facts.sort();
    format!("{}  {}\n", span.name, facts.join("  "))
}

#[tokio::test]
async fn wrappers_are_left_out_and_their_facts_are_on_the_spans_of_calls() {
    let host = host();
    let (trace, output) = answer().await;
    assert_eq!(output, Ok(1));
    let trace = trace.expect("there is a trace");
    expect![[r#"
        answer (primitive.workflow.execute)  success
          second_time (primitive.tool.call)  failure
          second_time (primitive.tool.call)  success
    "#]]
    .assert_eq(&host.tree(trace));
    let all: String = host.spans(trace).iter().map(|(_, span)| facts(span)).collect();
    expect![[r#"
        primitive.tool.call  circuit_breaker.state=closed  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3
        primitive.tool.call  circuit_breaker.state=closed  retry.attempt=1  retry.backoff_ms=0  retry.max_attempts=3
        primitive.workflow.execute  fallback.used=primary
    "#]]
    .assert_eq(&all);
}
