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

    /// Brings the tools that a request offers, which are known before the span begins, to where content goes.
    pub(crate) fn bring_tools(self, span: &mut SpanRecord, at: SystemTime) {
        if self != Self::Span
            && let Some(tools) = span.attributes.remove(genai::TOOL_DEFINITIONS)
        {
            self.record(span, vec![KeyValue::new(genai::TOOL_DEFINITIONS, tools)], at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::KeyValue;

    use super::ContentCapture;
    use crate::id::SpanIds;
    use crate::schema::genai::TOOL_DEFINITIONS;
    use crate::span::{Origin, SpanRecord};

    #[test]
    fn tools_that_are_known_at_the_start_go_where_content_goes() {
        let places = |capture: ContentCapture| {
            let attributes = [KeyValue::new("a", 1), KeyValue::new(TOOL_DEFINITIONS, "[]"), KeyValue::new("b", 2)];
            let attributes = attributes.into_iter().collect();
            let mut span = SpanRecord::new(Origin::Foreign("ask".into()), SpanIds::NONE, SpanIds::NONE, attributes);
            capture.bring_tools(&mut span, SystemTime::UNIX_EPOCH);
            let keys: Vec<_> = span.attributes.unpack().iter().map(|attribute| attribute.key.to_string()).collect();
            let events = span.events.map_or(Vec::new(), |events| events.events);
            let of_events: Vec<_> = events.into_iter().flat_map(|event| event.attributes).collect();
            (keys.join(" "), of_events)
        };
        let tools = vec![KeyValue::new(TOOL_DEFINITIONS, "[]".to_owned())];
        assert_eq!(places(ContentCapture::Span), ("a gen_ai.tool.definitions b".to_owned(), Vec::new()));
        assert_eq!(places(ContentCapture::SpanAndEvent), ("a b gen_ai.tool.definitions".to_owned(), tools.clone()));
        assert_eq!(places(ContentCapture::Event), ("a b".to_owned(), tools));
    }
}
