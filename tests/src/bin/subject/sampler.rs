//! A custom sampler, which prints the attributes that it is given.

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use tta_runtime::primitive;

/// Records the calls of one server.
#[derive(Clone, Debug)]
struct OneServer;

impl ShouldSample for OneServer {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let mut told: Vec<_> = attributes.iter().map(|told| format!("{}={}", told.key, told.value)).collect();
        told.sort();
        println!("{name} {kind:?} {}", told.join(" "));
        let is_wanted = attributes.iter().any(|told| told.value.as_str() == "wanted.example");
        let decision = if is_wanted { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() }
    }
}

pub(super) fn run() {
    let capture = tta_runtime::testing::InMemorySpans::default();
    let telemetry = tta_runtime::builder().sampler(OneServer).span_exporter(capture.clone()).init();
    let telemetry = telemetry.expect("the telemetry starts");
    for host in ["wanted.example", "another.example"] {
        ask(host);
    }
    look_up("tools.example");
    search();
    let _ = telemetry.shutdown(super::PATIENCE);
    println!("{} recorded", capture.take().len());
}

#[primitive(type = "llm", action = "stream", provider = "aws", model = "nova", usage = none,
            labels(audience = "public"), attributes("server.address" = host, "server.port" = 443))]
fn ask(host: &str) {}

/// A tool of a server, which makes it a client span.
#[primitive(type = "tool", attributes("server.address" = host))]
fn look_up(host: &str) {}

/// A retrieval, which the conventions name by its source.
#[primitive(type = "retrieval", action = "search", attributes("gen_ai.data_source.id" = "docs"))]
fn search() {}
