//! The destination of message content: the span, an event on it, or both.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;

use super::record::SpanRecord;
use crate::schema::genai;

/// The destination of message content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentCapture {
    /// Attributes of the call's span.
    Span,
    /// An event on that span.
    Event,
    SpanAndEvent,
}

impl ContentCapture {
    /// Records content on a span.
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
