//! Encodes spans as OTLP's `ExportTraceServiceRequest`.
//!
//! The numbers of the fields are those of `opentelemetry/proto/trace/v1/trace.proto`.

use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;

use super::attributes;
use super::protobuf::Message;

/// Returns the request that carries all spans, grouped by their scopes.
pub(super) fn encode<'a>(spans: impl Iterator<Item = &'a SpanData>, resource: &Resource) -> Vec<u8> {
    let mut scopes: Vec<(&InstrumentationScope, Vec<&SpanData>)> = Vec::new();
    for span in spans {
        let scope = &span.instrumentation_scope;
        match scopes.iter_mut().rev().find(|(have, _)| *have == scope) {
            Some((_, spans)) => spans.push(span),
            None => scopes.push((scope, vec![span])),
        }
    }
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        attributes::resource(resource_spans, resource);
        for (scope, spans) in scopes {
            resource_spans.message(2, |scope_spans| {
                attributes::scope(scope_spans, scope);
                for data in spans {
                    scope_spans.message(2, |to| span(to, data));
                }
                scope_spans.text(3, scope.schema_url().unwrap_or_default());
            });
        }
        resource_spans.text(3, resource.schema_url().unwrap_or_default());
    });
    request.into_bytes()
}

fn span(to: &mut Message, span: &SpanData) {
    let context = &span.span_context;
    to.bytes(1, &context.trace_id().to_bytes());
    to.bytes(2, &context.span_id().to_bytes());
    to.text(3, &context.trace_state().header());
    if span.parent_span_id != SpanId::INVALID {
        to.bytes(4, &span.parent_span_id.to_bytes());
    }
    to.text(5, &span.name);
    to.number(6, kind(&span.span_kind));
    to.time(7, span.start_time);
    to.time(8, span.end_time);
    all(to, 9, &span.attributes);
    to.number(10, span.dropped_attributes_count.into());
    span.events.iter().for_each(|of| to.message(11, |to| event(to, of)));
    to.number(12, span.events.dropped_count.into());
    span.links.iter().for_each(|of| to.message(13, |to| link(to, of)));
    to.number(14, span.links.dropped_count.into());
    to.message(15, |to| status(to, &span.status));
    to.fixed32(16, flags(span.parent_span_is_remote, context.trace_flags().to_u8()));
}

fn event(to: &mut Message, event: &Event) {
    to.time(1, event.timestamp);
    to.text(2, &event.name);
    all(to, 3, &event.attributes);
    to.number(4, event.dropped_attributes_count.into());
}

fn link(to: &mut Message, link: &Link) {
    let context = &link.span_context;
    to.bytes(1, &context.trace_id().to_bytes());
    to.bytes(2, &context.span_id().to_bytes());
    to.text(3, &context.trace_state().header());
    all(to, 4, &link.attributes);
    to.number(5, link.dropped_attributes_count.into());
    to.fixed32(6, flags(context.is_remote(), context.trace_flags().to_u8()));
}

fn status(to: &mut Message, status: &Status) {
    if let Status::Error { description } = status {
        to.text(2, description);
    }
    let code = match status {
        Status::Unset => 0,
        Status::Ok => 1,
        Status::Error { .. } => 2,
    };
    to.number(3, code);
}

fn all(to: &mut Message, field: u32, attributes: &[KeyValue]) {
    for kv in attributes {
        attributes::attribute(to, field, kv.key.as_str(), &kv.value);
    }
}

fn kind(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// Returns the trace flags, and whether the parent or the linked span is of another process.
fn flags(is_remote: bool, trace_flags: u8) -> u32 {
    const HAS_IS_REMOTE: u32 = 0x100;
    const IS_REMOTE: u32 = 0x200;
    u32::from(trace_flags) | HAS_IS_REMOTE | if is_remote { IS_REMOTE } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
    use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
    use prost::Message as _;

    use super::encode;

    fn attributes() -> Vec<KeyValue> {
        let values: [Value; 12] = [
            true.into(),
            false.into(),
            0_i64.into(),
            i64::MIN.into(),
            (-0.0_f64).into(),
            f64::INFINITY.into(),
            "".into(),
            "日本".repeat(5_000).into(),
            Value::Array(Array::Bool(vec![true, false])),
            Value::Array(Array::I64(vec![])),
            Value::Array(Array::F64(vec![0.5, -1e300])),
            Value::Array(Array::String(vec!["".into(), "a".into()])),
        ];
        let attributes = values.into_iter().enumerate();
        attributes.map(|(number, value)| KeyValue::new(format!("key {number}"), value)).collect()
    }

    fn context(number: u64, flags: u8, is_remote: bool) -> SpanContext {
        let state = TraceState::from_key_value([("vendor", "a"), ("other", "b")]).unwrap();
        let (trace, span) = (TraceId::from((1 << 100) + u128::from(number)), SpanId::from(number + 1));
        SpanContext::new(trace, span, TraceFlags::new(flags), is_remote, state)
    }

    fn span(number: u64) -> SpanData {
        let at = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        let has = |every: u64| number.is_multiple_of(every);
        let mut events = SpanEvents::default();
        events.events = vec![Event::new("", UNIX_EPOCH, vec![], 0), Event::new("e", at(7), attributes(), 3)];
        events.dropped_count = u32::MAX;
        let mut links = SpanLinks::default();
        links.links = vec![Link::new(context(9, 1, true), attributes(), 4), Link::new(SpanContext::NONE, vec![], 0)];
        links.dropped_count = 6;
        let scope = InstrumentationScope::builder(["tta", "other", ""][(number % 3) as usize]).with_version("1.0");
        let kinds = [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
        SpanData {
            span_context: context(number, number as u8, has(2)),
            parent_span_id: if has(2) { SpanId::INVALID } else { SpanId::from(number) },
            parent_span_is_remote: has(3),
            span_kind: kinds[(number % 5) as usize].clone(),
            name: "n".repeat(number as usize * 40).into(),
            start_time: at(number),
            end_time: at(number * 1_000_000),
            attributes: if has(2) { attributes() } else { vec![] },
            dropped_attributes_count: number as u32,
            events: if has(3) { events } else { SpanEvents::default() },
            links: if has(4) { links } else { SpanLinks::default() },
            status: [Status::Unset, Status::Ok, Status::error("why"), Status::error("")][(number % 4) as usize].clone(),
            instrumentation_scope: if has(2) {
                scope.with_schema_url("https://scope").with_attributes(attributes()).build()
            } else {
                scope.build()
            },
        }
    }

    #[test]
    fn the_message_is_that_of_opentelemetry_s_own_types() {
        let resources = [
            Resource::builder_empty().build(),
            Resource::builder_empty().with_schema_url(attributes(), "https://resource").build(),
        ];
        for resource in &resources {
            for amount in [0, 1, 2, 240] {
                let spans: Vec<SpanData> = (0..amount).map(span).collect();
                let decoded = ExportTraceServiceRequest::decode(&encode(spans.iter(), resource)[..]).unwrap();
                let resource_spans = group_spans_by_resource_and_scope(spans, &resource.into());
                assert_eq!(decoded, ExportTraceServiceRequest { resource_spans });
            }
        }
    }
}
