//! The handle of started telemetry, which flushes and stops it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{self, PricesError};
use crate::recorder::GLOBAL;
use crate::span::Worker;

/// The deadline of the shutdown when a [`Telemetry`] is dropped.
const DROP_DEADLINE: Duration = Duration::from_secs(5);

/// A handle to started telemetry: the export of spans and metrics.
///
/// Dropping the handle shuts the telemetry down, and blocks up to 5 s while the rest is exported.
#[derive(Debug)]
#[must_use = "dropping it shuts the telemetry down"]
pub struct Telemetry(Mutex<Option<Running>>);

/// The running parts.
pub(crate) struct Running {
    pub(crate) worker: Option<Arc<Worker>>,
    #[cfg(feature = "exporter")]
    pub(crate) server: Option<crate::export::http::Server>,
    #[cfg(feature = "otlp")]
    pub(crate) metrics: Option<crate::export::otlp::MetricsPush>,
    #[cfg(feature = "prices-url")]
    pub(crate) _prices: Option<crate::price_url::PriceReader>,
    #[cfg(feature = "push")]
    pub(crate) push: Option<crate::export::push::PushTarget>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("exports_spans", &self.worker.is_some()).finish_non_exhaustive()
    }
}

/// The result of a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Spans that were not exported because the deadline passed first.
    pub abandoned_spans: u64,
}

impl Telemetry {
    /// Creates the handle of running parts.
    pub(crate) fn of(running: Running) -> Self {
        Self(Mutex::new(Some(running)))
    }

    /// Creates a handle that owns nothing, as of a second start.
    pub(crate) fn detached() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns the address that serves `/metrics`, `None` if none does.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        #[cfg(feature = "exporter")]
        return self.running().as_ref().and_then(|running| Some(running.server.as_ref()?.address()));
        #[cfg(not(feature = "exporter"))]
        None
    }

    /// Waits until all spans that ended so far are exported or dropped, at most for `deadline`. Returns whether they were
    /// in time.
    ///
    /// Blocks the calling thread.
    pub fn flush(&self, deadline: Duration) -> bool {
        // Release the lock first: a shutdown must not wait for a concurrent flush.
        let worker = self.running().as_ref().and_then(|running| running.worker.clone());
        worker.is_none_or(|worker| worker.flush(deadline))
    }

    /// Exports the remaining spans and metrics, at most for `deadline`, and stops the telemetry.
    ///
    /// Blocks the calling thread; works inside and outside of async runtimes. A second call does nothing and reports no
    /// abandoned spans.
    pub fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let Some(running) = self.running().take() else { return ShutdownReport { abandoned_spans: 0 } };
        let start = Instant::now();
        let left = || deadline.saturating_sub(start.elapsed());
        #[cfg(feature = "otlp")]
        if let Some(metrics) = running.metrics {
            metrics.stop(left() / 2);
        }
        // The push comes after the spans, and gets half of the time left.
        #[cfg(feature = "push")]
        let parts = if running.push.is_some() { 2 } else { 1 };
        #[cfg(not(feature = "push"))]
        let parts = 1;
        // Close first: a span that ends from now on counts as dropped.
        GLOBAL.spans.close();
        let abandoned_spans = running.worker.as_ref().map_or(0, |worker| worker.stop(left() / parts));
        // Push last: the metrics include the fates of the spans.
        #[cfg(feature = "push")]
        if let Some(target) = running.push {
            target.push(left());
        }
        #[cfg(feature = "exporter")]
        if let Some(server) = running.server {
            server.stop(left());
        }
        ShutdownReport { abandoned_spans }
    }

    /// Reloads the price file in force. Returns the number of models that it prices; see
    /// [`llm::reload_prices`](crate::llm::reload_prices).
    ///
    /// # Errors
    ///
    /// Returns [`PricesError::NoFile`] if no price file is in force, or another error if the file is rejected. The prices in
    /// force stay unchanged.
    pub fn reload_prices(&self) -> Result<usize, PricesError> {
        model::reload_file()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let _ = self.shutdown(DROP_DEADLINE);
    }
}
