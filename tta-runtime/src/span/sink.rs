//! The interface between an export thread and its exporter.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter;

use super::batch::Batch;
use super::fate::DropReason;

/// The result of an attempt to export a batch.
#[derive(Debug)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only a collector accepts a part, or asks for a retry"))]
pub(crate) enum Attempt {
    Exported,
    /// All but this many spans, or log records, were accepted.
    Partly {
        rejected: u64,
        error: String,
    },
    /// Another attempt may succeed, after this time if the collector named one.
    Retry {
        after: Option<Duration>,
        error: String,
    },
    /// The batch is lost.
    Failed {
        reason: DropReason,
        error: String,
    },
}

/// Exports batches of ended spans. Its export thread alone calls it, one call at a time.
pub(crate) trait Sink: Send + Debug {
    /// Exports a batch, and gives up when the deadline passes.
    ///
    /// Takes what it sends from the batch and drops it first: the lane alone holds the batch from then on, so that whoever settles it counts
    /// its fate at once.
    fn export(&mut self, batch: Batch, deadline: Instant) -> Attempt;
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&mut self);
}

/// Adapts an OpenTelemetry [`SpanExporter`].
#[derive(Debug)]
pub(crate) struct ExporterSink<E>(pub(crate) E);

impl<E: SpanExporter> Sink for ExporterSink<E> {
    fn export(&mut self, batch: Batch, deadline: Instant) -> Attempt {
        let batch = batch.into_data().into_iter().map(|span| span.data).collect();
        // A plain thread without a runtime, as in the SDK's batch processor: it suits exporters that block and exporters
        // that bring their own runtime.
        match block_on(self.0.export(batch), deadline) {
            Some(Ok(())) => Attempt::Exported,
            // By OpenTelemetry's specification retries are the exporter's own business.
            Some(Err(error)) => Attempt::Failed { reason: DropReason::Rejected, error: error.to_string() },
            None => Attempt::Failed {
                reason: DropReason::Deadline,
                error: "the exporter took longer than `OTEL_BSP_EXPORT_TIMEOUT`".to_owned(),
            },
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }

    fn shutdown(&mut self) {
        // The process ends: nothing can be done about the error.
        let _ = self.0.shutdown();
    }
}

/// Wakes the thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread; drops it and returns `None` when the deadline passes first.
fn block_on<T>(future: impl Future<Output = T>, deadline: Instant) -> Option<T> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}
