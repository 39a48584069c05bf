//! `traces/{trace_id}/otlp`: a trace in the JSON form of OTLP.

use opentelemetry::KeyValue;
use opentelemetry::trace::Status;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value, json};

use super::attribute;
use super::length::bounded;
use super::position::Position;
use crate::page::number::unix_ns;
use crate::page::problem::Problem;
use crate::page::query::Query;
use crate::page::ring::{KeptSpan, KeptTrace};
use crate::span::{Compatibility, Description, otlp_kind, scope, span_data};

/// Returns the spans after the position that `after` names as an `ExportTraceServiceRequest`, and the position of those that follow.
pub(super) fn request(
    trace: &KeptTrace,
    resource: &Resource,
    receivers: Option<Compatibility>,
    query: &Query<'_>,
) -> Result<(Value, Option<String>), Problem> {
    let position = Position::read(query, trace.len())?;
    let of_resource: Vec<_> = resource.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let described = |kept: KeptSpan<'_>| {
        span_data(Description::new(kept.0, trace.anchor).compatible_with(receivers), &mut |_, _| ())
    };
    let all = trace.spans().take(position.of).skip(position.after);
    let spans = bounded(all.map(described).map(|data| span(&data)));
    let next = position.next(spans.len());
    let request = json!({
        "resourceSpans": [{
            "resource": { "attributes": attributes(&of_resource) },
            "scopeSpans": [{
                "scope": { "name": scope().name(), "version": scope().version().unwrap_or_default() },
                "spans": spans,
                "schemaUrl": scope().schema_url().unwrap_or_default(),
            }],
        }],
    });
    Ok((request, next))
}

fn span(data: &SpanData) -> Value {
    let is_root = data.parent_span_id == opentelemetry::trace::SpanId::INVALID;
    let events: Vec<_> = data
        .events
        .iter()
        .map(|event| {
            json!({
                "timeUnixNano": unix_ns(event.timestamp),
                "name": event.name,
                "attributes": attributes(&event.attributes),
                "droppedAttributesCount": event.dropped_attributes_count,
            })
        })
        .collect();
    json!({
        "traceId": data.span_context.trace_id().to_string(),
        "spanId": data.span_context.span_id().to_string(),
        "traceState": data.span_context.trace_state().header(),
        "parentSpanId": if is_root { String::new() } else { data.parent_span_id.to_string() },
        "flags": u32::from(data.span_context.trace_flags().to_u8()),
        "name": data.name,
        "kind": otlp_kind(&data.span_kind),
        "startTimeUnixNano": unix_ns(data.start_time),
        "endTimeUnixNano": unix_ns(data.end_time),
        "attributes": attributes(&data.attributes),
        "droppedAttributesCount": data.dropped_attributes_count,
        "events": events,
        "droppedEventsCount": data.events.dropped_count,
        "status": match &data.status {
            Status::Error { description } => json!({ "code": 2, "message": description }),
            Status::Ok => json!({ "code": 1 }),
            Status::Unset => json!({}),
        },
    })
}

fn attributes(all: &[KeyValue]) -> Vec<Value> {
    let of = |kv: &KeyValue| json!({ "key": kv.key.as_str(), "value": attribute::otlp(&kv.value) });
    all.iter().map(of).collect()
}
