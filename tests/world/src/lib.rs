//! What the tests share: a host that has spans of its own, and the spans of both sides as one tree.
#![allow(clippy::missing_panics_doc, reason = "the functions are for tests, which fail by panics")]

#[cfg(doctest)]
#[doc = include_str!("../../../docs/integrations.md")]
struct Integrations;

pub mod mcp_server;
pub mod model_server;
pub mod weather;

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::OnceLock;

use opentelemetry::global;
use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::prelude::*;
use tta_runtime::{Builder, Telemetry};

/// A host with OpenTelemetry's SDK, `tracing-opentelemetry` and a W3C propagator, and this library beside it.
#[derive(Debug)]
pub struct Host {
    theirs: InMemorySpanExporter,
    own: InMemorySpanExporter,
    telemetry: Telemetry,
}

/// Starts the host, once in a process; `choose` chooses the mode of the library.
pub fn host(choose: fn(Builder) -> Builder) -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let (theirs, own) = (InMemorySpanExporter::default(), InMemorySpanExporter::default());
        let provider = SdkTracerProvider::builder().with_simple_exporter(theirs.clone()).build();
        tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(provider.tracer("host"))).init();
        global::set_tracer_provider(provider);
        global::set_text_map_propagator(TraceContextPropagator::new());
        let builder = tta_runtime::builder().metrics_addr(([127, 0, 0, 1], 0).into()).span_exporter(own.clone());
        let telemetry = choose(builder).init().expect("the telemetry starts");
        Host { theirs, own, telemetry }
    })
}

impl Host {
    /// Returns the spans of a trace, each with the name of its exporter.
    #[must_use]
    pub fn spans(&self, trace: TraceId) -> Vec<(&'static str, SpanData)> {
        assert!(self.telemetry.flush(std::time::Duration::from_secs(20)), "the spans are exported in time");
        let of = |exporter: &InMemorySpanExporter, name: &'static str| {
            let spans = exporter.get_finished_spans().expect("the exporter works");
            let spans = spans.into_iter().filter(|span| span.span_context.trace_id() == trace);
            spans.map(|span| (name, span)).collect::<Vec<_>>()
        };
        let mut spans = [of(&self.theirs, "host"), of(&self.own, "tta")].concat();
        // The clocks of the two sides may differ by a millisecond.
        spans.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name).then(a.start_time.cmp(&b.start_time)));
        spans
    }

    /// Returns a trace as a tree of names; of each call with its outcome.
    #[must_use]
    pub fn tree(&self, trace: TraceId) -> String {
        let spans = self.spans(trace);
        let known: HashSet<SpanId> = spans.iter().map(|(_, span)| span.span_context.span_id()).collect();
        assert_eq!(known.len(), spans.len(), "a span is exported twice");
        let mut text = String::new();
        for (_, root) in spans.iter().filter(|(_, span)| !known.contains(&span.parent_span_id)) {
            if root.parent_span_id != SpanId::INVALID {
                writeln!(text, "below {}", root.parent_span_id).expect("a string grows");
            }
            write_span(&mut text, &spans, root, 0);
        }
        text
    }
}

fn write_span(text: &mut String, spans: &[(&str, SpanData)], span: &SpanData, depth: usize) {
    let attribute = |key: &str| span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    let indent = "  ".repeat(depth);
    let line = match (attribute("primitive.name"), attribute("execution.status")) {
        (Some(name), Some(status)) => format!("{indent}{} ({})  {}", name.value, span.name, status.value),
        _ => format!("{indent}{}", span.name),
    };
    writeln!(text, "{line}").expect("a string grows");
    for (_, child) in spans.iter().filter(|(_, child)| child.parent_span_id == span.span_context.span_id()) {
        write_span(text, spans, child, depth + 1);
    }
}
