//! A batch of spans on its way to an exporter.

use std::sync::Arc;

use opentelemetry_sdk::trace::SpanData;

use super::convert::span_data;
#[cfg(feature = "otlp")]
use super::description::Description;
use super::held_span::HeldSpan;
#[cfg(feature = "otlp")]
use crate::span_limits::Count;

/// A batch, which shares its spans with the lane.
pub(crate) struct Batch(Arc<Vec<Arc<HeldSpan>>>);

/// A span that ended.
#[derive(Clone, Debug)]
pub(crate) struct EndedSpan {
    pub(crate) data: SpanData,
    /// True if its parent is no span that the sinks get.
    pub(crate) is_outermost: bool,
}

impl Batch {
    pub(super) fn new(spans: Arc<Vec<Arc<HeldSpan>>>) -> Self {
        Self(spans)
    }

    /// Describes each span.
    #[cfg(feature = "otlp")]
    pub(crate) fn describe(&self, form: &mut dyn FnMut(Description<'_>, Count<'_>)) {
        for span in &*self.0 {
            span.describe(&mut *form);
        }
    }

    /// Converts the spans for an exporter that is not this library's own.
    pub(crate) fn into_data(self) -> Vec<EndedSpan> {
        let convert = |span: &Arc<HeldSpan>| {
            span.describe(|described, count| EndedSpan {
                is_outermost: described.is_outermost(),
                data: span_data(described, count),
            })
        };
        self.0.iter().map(convert).collect()
    }
}
