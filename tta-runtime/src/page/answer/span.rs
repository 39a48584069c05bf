//! `traces/{trace_id}/spans/{span_id}`: all that was recorded of one span.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;
use serde::Serialize;

use super::attribute::Attribute;
use crate::clock::nanoseconds;
use crate::page::ring::{CONTENT, KeptTrace};
use crate::schema::genai;
use crate::span::{Description, SpanRecord, span_data};

#[derive(Serialize)]
pub(super) struct SpanDetail {
    span_id: String,
    error_type: Option<String>,
    error_message: Option<String>,
    attributes: Vec<Attribute>,
    dropped_attributes: u32,
    events: Vec<SpanEvent>,
    dropped_events: u32,
    content: Option<Content>,
}

#[derive(Serialize)]
struct SpanEvent {
    name: String,
    at_ns: u64,
    attributes: Vec<Attribute>,
}

/// The fields stand in the order of [`CONTENT`].
#[derive(Default, Serialize)]
struct Content {
    system_instructions: Option<String>,
    input_messages: Option<String>,
    output_messages: Option<String>,
    tool_arguments: Option<String>,
    tool_result: Option<String>,
}

pub(super) fn detail(trace: &KeptTrace, span: &SpanRecord) -> SpanDetail {
    // What the limits leave out was counted when the span ended.
    let data = span_data(Description::new(span, trace.anchor), &mut |_, _| ());
    let of_events = data.events.iter().filter(|event| event.name == genai::OPERATION_DETAILS);
    let recorded: Vec<&KeyValue> =
        data.attributes.iter().chain(of_events.flat_map(|event| &event.attributes)).collect();
    let text = |key: &str| {
        let found = recorded.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.as_str().into_owned())
    };
    let [system_instructions, input_messages, output_messages, tool_arguments, tool_result] = CONTENT.map(text);
    let content = Content { system_instructions, input_messages, output_messages, tool_arguments, tool_result };
    let has_content = recorded.iter().any(|attribute| is_content(attribute));
    let event = |event: &Event| SpanEvent {
        name: event.name.to_string(),
        at_ns: since(data.start_time, event.timestamp),
        attributes: own(&event.attributes),
    };
    let error = span.error.as_deref();
    SpanDetail {
        span_id: span.ids.span_id().to_string(),
        error_type: error.map(|error| error.kind.to_string()),
        error_message: error.and_then(|error| error.message.clone()),
        attributes: own(&data.attributes),
        dropped_attributes: data.dropped_attributes_count,
        events: data.events.iter().map(event).collect(),
        dropped_events: data.events.dropped_count,
        content: has_content.then_some(content),
    }
}

fn own(attributes: &[KeyValue]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| !is_content(attribute)).map(Attribute::from).collect()
}

fn is_content(attribute: &KeyValue) -> bool {
    CONTENT.contains(&attribute.key.as_str())
}

fn since(start: SystemTime, at: SystemTime) -> u64 {
    at.duration_since(start).map_or(0, nanoseconds)
}
