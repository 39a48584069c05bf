//! `traces/{trace_id}/spans/{span_id}`: all that was recorded of one span.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;
use serde::Serialize;

use super::attribute::Attribute;
use super::length::Room;
use crate::clock::nanoseconds;
use crate::page::ring::KeptTrace;
use crate::schema::genai::{self, CONTENT};
use crate::span::{Compatibility, Description, SpanRecord, span_data};

#[derive(Serialize)]
pub(super) struct SpanDetail {
    span_id: String,
    error_type: Option<String>,
    error_message: Option<String>,
    attributes: Vec<Attribute>,
    dropped_attributes: u32,
    left_out_attributes: usize,
    events: Vec<SpanEvent>,
    dropped_events: u32,
    left_out_events: usize,
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
    tool_definitions: Option<String>,
    tool_arguments: Option<String>,
    tool_result: Option<String>,
    retrieval_documents: Option<String>,
}

pub(super) fn detail(trace: &KeptTrace, span: &SpanRecord, receivers: Option<Compatibility>) -> SpanDetail {
    // What the limits leave out was counted when the span ended.
    let data = span_data(Description::new(span, trace.anchor).compatible_with(receivers), &mut |_, _| ());
    let of_events = data.events.iter().filter(|event| event.name == genai::OPERATION_DETAILS);
    let recorded: Vec<&KeyValue> =
        data.attributes.iter().chain(of_events.flat_map(|event| &event.attributes)).collect();
    let mut room = Room::new();
    let error = span.error.as_deref();
    let error_type = error.map(|error| room.text(&error.kind));
    let error_message = error.and_then(|error| error.message.as_deref()).map(|message| room.text(message));
    let text = |key: &str| {
        let found = recorded.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| room.text(&attribute.value.as_str()))
    };
    let [
        system_instructions,
        input_messages,
        output_messages,
        tool_definitions,
        tool_arguments,
        tool_result,
        retrieval_documents,
    ] = CONTENT.map(text);
    let content = Content {
        system_instructions,
        input_messages,
        output_messages,
        tool_definitions,
        tool_arguments,
        tool_result,
        retrieval_documents,
    };
    let has_content = recorded.iter().any(|attribute| is_content(attribute));
    let event = |event: &Event| SpanEvent {
        name: event.name.to_string(),
        at_ns: since(data.start_time, event.timestamp),
        attributes: own(&event.attributes),
    };
    let (attributes, left_out_attributes) = room.rows(own(&data.attributes).into_iter());
    let (events, left_out_events) = room.rows(data.events.iter().map(event));
    SpanDetail {
        span_id: span.ids.span_id().to_string(),
        error_type,
        error_message,
        attributes,
        dropped_attributes: data.dropped_attributes_count,
        left_out_attributes,
        events,
        dropped_events: data.events.dropped_count,
        left_out_events,
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

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::KeyValue;
    use opentelemetry::trace::Event;
    use serde_json::Value;

    use super::super::length::LONGEST;
    use super::detail;
    use crate::clock::Clock;
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;
    use crate::page::ring::Ring;
    use crate::schema::genai::CONTENT;
    use crate::span::{Origin, SpanError, SpanRecord};

    /// Answers for a span with this many attributes and events, each of which takes 48 KiB of JSON.
    fn answer(attributes: usize, events: usize) -> Value {
        let long = "\u{1}".repeat(8 << 10);
        let ids = SpanIds::root(|_| true);
        let content = CONTENT.map(|key| KeyValue::new(key, long.clone()));
        let own = (0..attributes).map(|place| KeyValue::new(format!("key {place}"), long.clone()));
        let packed: PackedAttributes = content.into_iter().chain(own).collect();
        let mut span = SpanRecord::new(Origin::Foreign("step".into()), ids, SpanIds::NONE, packed);
        span.error = Some(Box::new(SpanError { kind: "E".into(), message: Some(long.clone()), is_origin: false }));
        for place in 0..events {
            let attributes = vec![KeyValue::new("text", long.clone())];
            span.add_event(Event::new(format!("event {place}"), SystemTime::now(), attributes, 0));
        }
        let ring = Ring::new(64 << 20);
        ring.add(&span, Clock::System.anchor());
        let kept = ring.get(ids.trace_id()).expect("it is kept");
        let found = kept.spans().next().expect("it has the span");
        serde_json::to_value(detail(&kept, found.0, None)).expect("it is JSON")
    }

    fn rows(answer: &Value, name: &str) -> u64 {
        answer[name].as_array().map_or(0, Vec::len) as u64
    }

    #[test]
    fn a_span_with_long_texts_is_no_longer_than_an_answer_may_be_and_says_what_is_left_out() {
        // The error has two attributes.
        let whole = answer(20, 20);
        assert_eq!([rows(&whole, "attributes"), rows(&whole, "events")], [22, 20]);
        assert_eq!([&whole["left_out_attributes"], &whole["left_out_events"]], [0, 0]);

        let cut = answer(100, 20);
        let bytes = cut.to_string().len();
        assert!((LONGEST - (120 << 10)..=LONGEST).contains(&bytes), "{bytes}");
        let left_out = |name: &str| cut[format!("left_out_{name}")].as_u64().expect("a count");
        assert_eq!(rows(&cut, "attributes") + left_out("attributes"), 102);
        assert_eq!(left_out("events"), 20);
        for text in [&cut["error_message"], &cut["content"]["output_messages"]] {
            assert_eq!(text.as_str().map(str::len), Some(8 << 10));
        }
    }
}
