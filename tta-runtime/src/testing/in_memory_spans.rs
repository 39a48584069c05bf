//! A span exporter for tests and examples.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// A span exporter that keeps all spans in memory; clones share them.
///
/// ```
/// let spans = tta_runtime::testing::InMemorySpans::default();
/// let builder = tta_runtime::builder().span_exporter(spans.clone());
/// // … after `builder.init()`, some calls and a flush:
/// println!("{}", tta_runtime::trace::tree(&spans.take()));
/// # drop(builder);
/// ```
#[derive(Clone, Debug, Default)]
pub struct InMemorySpans(Arc<Mutex<Vec<SpanData>>>);

impl InMemorySpans {
    /// Takes all spans received so far.
    #[must_use]
    pub fn take(&self) -> Vec<SpanData> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SpanExporter for InMemorySpans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
        Ok(())
    }
}
