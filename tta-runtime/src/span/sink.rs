//! What the export thread hands batches to.

use std::fmt::Debug;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Takes batches of ended spans; called from one thread, one call at a time.
pub(crate) trait Sink: Send + Debug {
    fn export(&mut self, batch: Vec<SpanData>) -> OTelSdkResult;
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&mut self) -> OTelSdkResult;
}

/// Hands batches to any exporter of OpenTelemetry's.
#[derive(Debug)]
pub(crate) struct ExporterSink<E>(pub(crate) E);

impl<E: SpanExporter> Sink for ExporterSink<E> {
    fn export(&mut self, batch: Vec<SpanData>) -> OTelSdkResult {
        // On a plain thread and without a runtime around it, as the SDK's own batch processor does: exporters that
        // block, and exporters that bring their own runtime, both work so.
        futures_executor::block_on(self.0.export(batch))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }

    fn shutdown(&mut self) -> OTelSdkResult {
        self.0.shutdown()
    }
}
