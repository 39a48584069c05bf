//! Encodes events of the conventions for generative AI as OTLP's `ExportLogsServiceRequest`.
//!
//! The numbers of the fields are those of `opentelemetry/proto/logs/v1/logs.proto`.

use opentelemetry::trace::Event;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;
use serde_json::Value as Json;

use super::attributes;
use super::span_request::Form;
use crate::export::protobuf::Message;
use crate::packed_attributes;
use crate::schema::genai;
use crate::span::{AttributeTarget, Description, is_log_record, scope};
use crate::span_limits::Count;

/// The fields of a log record.
const ATTRIBUTES: u32 = 6;
const SEVERITY_INFO: u64 = 9;

/// Returns the request with the events of the spans that `batch` passes on, `None` if they have none.
pub(super) fn encode(resource: &Resource, batch: impl FnOnce(Form<'_>)) -> Option<Vec<u8>> {
    let mut records = Message::default();
    batch(&mut |described, count| span(&mut records, &described, count));
    if records.len() == 0 {
        return None;
    }
    let mut request = Message::default();
    request.long_message::<3>(1, |resource_logs| {
        attributes::resource(resource_logs, resource);
        resource_logs.long_message::<3>(2, |scope_logs| {
            attributes::scope(scope_logs, scope());
            scope_logs.append(records.since(0));
            scope_logs.text(3, scope().schema_url().unwrap_or_default());
        });
        resource_logs.text(3, resource.schema_url().unwrap_or_default());
    });
    Some(request.into_bytes())
}

/// Writes the events of a span as the records of a `ScopeLogs`.
fn span(to: &mut Message, span: &Description<'_>, count: Count<'_>) {
    let (events, _) = span.events();
    let mut of_call = None;
    for event in events.iter().filter(|event| is_log_record(event)) {
        // The details of a call are complete by themselves: they repeat what its span says of the request and the response.
        let repeated = if event.name == genai::OPERATION_DETAILS {
            of_call.get_or_insert_with(|| OfCall::read(span, &mut *count)).0.as_slice()
        } else {
            &[]
        };
        to.long_message::<2>(2, |to| record(to, span, event, repeated));
    }
}

fn record(to: &mut Message, span: &Description<'_>, event: &Event, repeated: &[KeyValue]) {
    let ids = span.ids();
    to.time(1, event.timestamp);
    to.number(2, SEVERITY_INFO);
    to.text(3, "INFO");
    let is_own = |repeated: &KeyValue| event.attributes.iter().any(|own| own.key == repeated.key);
    for KeyValue { key, value, .. } in event.attributes.iter().chain(repeated.iter().filter(|kv| !is_own(kv))) {
        match structure(key.as_str(), value) {
            Some(json) => attributes::json_attribute(to, ATTRIBUTES, key.as_str(), &json),
            None => attributes::attribute(to, ATTRIBUTES, key.as_str(), value),
        }
    }
    to.number(7, event.dropped_attributes_count.into());
    to.fixed32(8, u32::from(ids.is_sampled()));
    to.bytes(9, &ids.trace_id().to_bytes());
    to.bytes(10, &ids.span_id().to_bytes());
    to.time(11, event.timestamp);
    to.text(12, &event.name);
}

/// Returns the structure of a content, which the conventions want in log records; `None` for other attributes and for plain text.
fn structure(key: &str, value: &Value) -> Option<Json> {
    let Value::String(text) = value else { return None };
    if !genai::CONTENT.contains(&key) {
        return None;
    }
    serde_json::from_str(text.as_str()).ok()
}

/// The attributes of a span that its details repeat: those of the conventions, without content.
#[derive(Default)]
struct OfCall(Vec<KeyValue>);

impl OfCall {
    fn read(span: &Description<'_>, count: Count<'_>) -> Self {
        let mut of_call = Self::default();
        span.attributes(&mut of_call, count);
        of_call
    }
}

impl AttributeTarget for OfCall {
    fn attribute(&mut self, attribute: KeyValue) {
        let key = attribute.key.as_str();
        let is_of_conventions = key.starts_with("gen_ai.") || key.starts_with("server.") || key == genai::ERROR_TYPE;
        if is_of_conventions && !genai::CONTENT.contains(&key) {
            self.0.push(attribute);
        }
    }

    fn text(&mut self, key: &str, value: &str) {
        self.attribute(KeyValue::new(key.to_owned(), value.to_owned()));
    }

    fn packed(&mut self, fields: &[u8]) {
        packed_attributes::unpack(fields).for_each(|attribute| self.attribute(attribute));
    }
}
