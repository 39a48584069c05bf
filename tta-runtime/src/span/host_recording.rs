//! The recording of a span on the host's own one, which its `tracing-opentelemetry` layer exports.

use opentelemetry::trace::{TraceContextExt, TraceState};
use opentelemetry::{Context, KeyValue};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::convert::span_data;
use super::description::Description;
use crate::id::SpanIds;
use crate::span_limits::LostPart;

/// Attributes that the layer takes from the fields and the place of our `tracing` spans.
const FROM_TRACING: [&str; 5] =
    ["primitive.name", "primitive.type", "primitive.action", "code.file.path", "code.line.number"];

/// A span of the host that takes the place of an exported one.
#[derive(Debug)]
pub(crate) struct HostRecording {
    context: Context,
    /// The attributes that the span has from its start. The SDK would export an attribute twice that is set twice.
    at_start: Vec<KeyValue>,
}

impl HostRecording {
    /// Starts the host's span with these attributes, which its sampler sees.
    ///
    /// Returns the span's identifiers, its trace state, and the recording if it is sampled; `None` without a layer that makes spans of
    /// OpenTelemetry.
    pub(crate) fn start(span: &Span, attributes: Vec<KeyValue>) -> Option<(SpanIds, TraceState, Option<Self>)> {
        for KeyValue { key, value, .. } in attributes.iter().filter(|attribute| !is_from_tracing(attribute)) {
            span.set_attribute(key.clone(), value.clone());
        }
        let context = span.context();
        let started = context.span().span_context().clone();
        let ids = SpanIds::from_otel(&started);
        let is_recording = context.span().is_recording();
        let recording = is_recording.then_some(Self { context, at_start: attributes });
        ids.is_some().then(|| (ids, started.trace_state().clone(), recording))
    }

    /// Sets what a span says at its end on the host's span, which the host's layer ends.
    pub(crate) fn end(self, described: Description<'_>) {
        let data = span_data(described, &mut LostPart::add);
        let span = self.context.span();
        let is_new = |attribute: &KeyValue| !is_from_tracing(attribute) && !self.at_start.contains(attribute);
        span.set_attributes(data.attributes.into_iter().filter(is_new));
        span.set_status(data.status);
        for event in data.events.events {
            span.add_event_with_timestamp(event.name, event.timestamp, event.attributes);
        }
    }
}

fn is_from_tracing(attribute: &KeyValue) -> bool {
    FROM_TRACING.contains(&attribute.key.as_str())
}
