//! A program whose prompts, answers, arguments, headers, variables and errors are canaries, recognisable wherever they leak.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tta_runtime::llm::{self, Usage};
use tta_runtime::{primitive, propagation};

pub(super) fn run() {
    // A host that prints every `tracing` event.
    tracing_subscriber::registry()
        .with(tta_runtime::tracing_layer())
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .init();
    let builder = tta_runtime::builder().service_name("subject");
    let builder = match std::env::args().nth(2).as_deref() {
        Some("redacted") => builder.redact(|text| text.replace("canary", "bird")),
        _ => builder,
    };
    let telemetry = builder.init().expect("the telemetry starts");
    // Keep panic messages out of this program's standard error.
    std::panic::set_hook(Box::new(|_| {}));

    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("baggage", "customer=canary-baggage"),
        ("authorization", "Bearer canary-header"),
    ] {
        headers.insert(name, value.parse().expect("it is valid"));
    }
    let variable = std::env::var("CANARY").expect("it is set");
    propagation::extract(&headers).run(|| converse("canary-argument", &variable));

    assert!(telemetry.flush(super::PATIENCE));
    println!("{}", telemetry.metrics_addr().expect("metrics are served"));
    println!("{}", serde_json::to_string(&tta_runtime::stats()).expect("it is plain data"));
    super::say_and_wait("done");
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
fn converse(argument: &str, variable: &str) {
    assert_eq!(ask(argument, "canary-prompt"), Ok(Usage::new(12, 3)));
    assert!(look_up(variable).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| fall("canary-panic"))).is_err());
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
fn ask(argument: &str, prompt: &str) -> Result<Usage, String> {
    let _ = argument;
    llm::content(|content| {
        content.system_instructions("canary-instruction").input_messages(prompt);
    });
    llm::content(|content| {
        let parts = json!([{"type": "text", "content": "canary-answer"}]);
        content.output_messages(&[json!({"role": "assistant", "parts": parts, "finish_reason": "stop"})]);
    });
    Ok(Usage::new(12, 3))
}

#[derive(Debug, thiserror::Error)]
#[error("nothing known of canary-error {}", "x".repeat(2_000) + "canary-beyond")]
struct Unknown;

#[primitive(type = "tool")]
fn look_up(variable: &str) -> Result<(), Unknown> {
    let _ = variable;
    llm::content(|content| {
        content.tool_arguments(&json!({"key": "canary-tool-argument"})).tool_result("canary-tool-result");
    });
    find();
    Err(Unknown)
}

#[primitive(type = "retrieval", action = "search")]
fn find() {
    llm::content(|content| {
        content.retrieval_documents(&json!([{"id": "canary-document", "score": 0.5}]));
    });
}

#[primitive(type = "tool")]
fn fall(reason: &'static str) {
    std::panic::panic_any(reason);
}
