//! A trace that is printed if the environment enables it.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

pub(super) fn run() {
    let telemetry = super::start();
    super::block_on(printed());
    // A span of the program itself is above this one.
    let above = SpanContext::new(TraceId::from(7), SpanId::from(9), TraceFlags::SAMPLED, false, TraceState::default());
    let attached = Context::new().with_remote_span_context(above).attach();
    working();
    drop(attached);
    assert!(telemetry.flush(super::PATIENCE));
    eprintln!("both traces are printed before the end");
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn printed() {
    let _ = failing();
    working();
    ask();
    inner();
}

#[primitive(type = "workflow")]
fn inner() {
    ask();
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
fn ask() -> Usage {
    Usage::new(1_000, 200)
}

#[primitive(type = "tool")]
fn failing() -> Result<(), String> {
    Err("no".to_owned())
}

#[primitive(type = "tool")]
fn working() {}
