//! A program that uses OpenTelemetry's API, without `tracing` and without a span above the calls.

use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::{Span, SpanContext, Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tta_runtime::primitive;
use tta_runtime::testing::InMemorySpans;

#[primitive(type = "tool")]
fn work() -> SpanContext {
    global::tracer("host").start("below").span_context().clone()
}

#[test]
fn spans_below_calls_join_them_also_if_their_provider_is_set_after_the_start() {
    let own = InMemorySpans::default();
    let builder = tta_runtime::builder().metrics_addr(([127, 0, 0, 1], 0).into()).span_exporter(own.clone());
    let telemetry = builder.init().expect("the telemetry starts");
    let provider = SdkTracerProvider::builder().build();
    drop(provider.tracer("host"));
    global::set_tracer_provider(provider);
    // The next export finds the provider.
    work();
    assert!(telemetry.flush(Duration::from_secs(20)));
    drop(own.take());
    let below = work();
    assert!(telemetry.flush(Duration::from_secs(20)));
    let traces: Vec<_> = own.take().iter().map(|span| span.span_context.trace_id()).collect();
    assert_eq!(traces, [below.trace_id()]);
}
