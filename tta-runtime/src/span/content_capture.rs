//! Where the content of messages is recorded, if anywhere.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;

use super::record::SpanRecord;
use crate::schema::genai;

/// Where the content of messages is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentCapture {
    /// As attributes of the call's span.
    Span,
    /// As an event of that span.
    Event,
    SpanAndEvent,
}

impl ContentCapture {
    /// Puts content on a span.
    pub(crate) fn record(self, span: &mut SpanRecord, content: Vec<KeyValue>, at: SystemTime) {
        if matches!(self, Self::Event | Self::SpanAndEvent) {
            span.add_event(Event::new(genai::OPERATION_DETAILS, at, content.clone(), 0));
        }
        if matches!(self, Self::Span | Self::SpanAndEvent) {
            for attribute in content {
                span.set(attribute);
            }
        }
    }
}
