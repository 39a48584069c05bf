//! The interface between the export thread and an exporter.

use std::fmt::Debug;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// A span that ended.
#[derive(Clone, Debug)]
pub(crate) struct EndedSpan {
    pub(crate) data: SpanData,
    /// True if its parent is no span that the sinks get.
    pub(crate) is_outermost: bool,
}

/// Exports batches of ended spans. The export thread alone calls it, one call at a time.
pub(crate) trait Sink: Send + Debug {
    fn export(&mut self, batch: Vec<EndedSpan>) -> OTelSdkResult;
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&mut self) -> OTelSdkResult;
}

/// Adapts an OpenTelemetry [`SpanExporter`].
#[derive(Debug)]
pub(crate) struct ExporterSink<E>(pub(crate) E);

impl<E: SpanExporter> Sink for ExporterSink<E> {
    fn export(&mut self, batch: Vec<EndedSpan>) -> OTelSdkResult {
        let batch = batch.into_iter().map(|span| span.data).collect();
        // A plain thread without a runtime, as in the SDK's batch processor: it suits exporters that block and exporters
        // that bring their own runtime.
        futures_executor::block_on(self.0.export(batch))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }

    fn shutdown(&mut self) -> OTelSdkResult {
        self.0.shutdown()
    }
}
