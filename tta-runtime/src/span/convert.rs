//! Conversion of spans into OpenTelemetry's `SpanData`, for exporters that are not this library's own.

use opentelemetry::trace::{Event, SpanId, Status};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::description::{AttributeTarget, Description, Exception};
use crate::packed_attributes;
use crate::schema::genai::SCHEMA_URL;
use crate::span_limits::Count;

/// Converts a span, and counts what the limits left out.
pub(crate) fn span_data(span: Description<'_>, count: Count<'_>) -> SpanData {
    let mut attributes = Vec::with_capacity(24);
    let dropped_attributes_count = span.attributes(&mut attributes, count);
    let mut events = SpanEvents::default();
    let (own, dropped) = span.events();
    events.events = own.to_vec();
    events.events.extend(span.exception().map(exception));
    events.dropped_count = dropped;
    SpanData {
        span_context: span.ids().to_otel(span.trace_state().cloned().unwrap_or_default()),
        parent_span_id: if span.parent().is_some() { span.parent().span_id() } else { SpanId::INVALID },
        parent_span_is_remote: span.parent().is_remote(),
        span_kind: span.kind().clone(),
        name: span.name(),
        start_time: span.start(),
        end_time: span.end(),
        attributes,
        dropped_attributes_count,
        events,
        links: SpanLinks::default(),
        status: span.status_error().map_or(Status::Unset, |message| Status::error(message.to_owned())),
        instrumentation_scope: scope().clone(),
    }
}

impl AttributeTarget for Vec<KeyValue> {
    fn attribute(&mut self, attribute: KeyValue) {
        self.push(attribute);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.push(KeyValue::new(key.to_owned(), value.to_owned()));
    }

    fn packed(&mut self, fields: &[u8]) {
        self.extend(packed_attributes::unpack(fields));
    }
}

fn exception(exception: Exception<'_>) -> Event {
    let mut attributes = vec![KeyValue::new(Exception::TYPE, exception.kind.clone())];
    attributes.extend(exception.message.map(|message| KeyValue::new(Exception::MESSAGE, message.to_owned())));
    Event::new(Exception::NAME, exception.at, attributes, 0)
}

/// Returns the scope of all spans.
pub(crate) fn scope() -> &'static InstrumentationScope {
    static SCOPE: std::sync::OnceLock<InstrumentationScope> = std::sync::OnceLock::new();
    let scope = || InstrumentationScope::builder("tta").with_version(env!("CARGO_PKG_VERSION"));
    SCOPE.get_or_init(|| scope().with_schema_url(SCHEMA_URL).build())
}
