//! What was started: how it is flushed and stopped.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{self, PricesError};
use crate::recorder::GLOBAL;
use crate::span::Worker;

/// How long dropping a [`Telemetry`] waits for what is not yet exported.
const DROP_DEADLINE: Duration = Duration::from_secs(5);

/// What was started. Dropping it stops it, waiting up to 5 s for what is not yet exported.
#[derive(Debug)]
#[must_use = "dropping it stops what was started"]
pub struct Telemetry(Mutex<Option<Running>>);

/// The parts that run.
pub(crate) struct Running {
    pub(crate) worker: Option<Arc<Worker>>,
    #[cfg(feature = "exporter")]
    pub(crate) server: crate::export::http::Server,
    #[cfg(feature = "otlp")]
    pub(crate) metrics: Option<crate::export::otlp::MetricsPush>,
    #[cfg(feature = "push")]
    pub(crate) push: Option<crate::export::push::PushTarget>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("exports_spans", &self.worker.is_some()).finish_non_exhaustive()
    }
}

/// What became of the spans when the program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ShutdownReport {
    /// Spans that were not exported because the deadline came first.
    pub abandoned_spans: u64,
}

impl Telemetry {
    /// Makes the handle of what was started.
    pub(crate) fn of(running: Running) -> Self {
        Self(Mutex::new(Some(running)))
    }

    /// Makes a handle that stops nothing.
    pub(crate) fn detached() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns where `/metrics` is served, `None` where it is not.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        #[cfg(feature = "exporter")]
        return self.running().as_ref().map(|running| running.server.address());
        #[cfg(not(feature = "exporter"))]
        None
    }

    /// Waits until all spans that ended so far are exported or dropped, at most for `deadline`. Returns whether they
    /// were in time.
    pub fn flush(&self, deadline: Duration) -> bool {
        // Not under the lock: a shutdown must not wait for somebody else's flush.
        let worker = self.running().as_ref().and_then(|running| running.worker.clone());
        worker.is_none_or(|worker| worker.flush(deadline))
    }

    /// Exports what is left, at most for `deadline`, and stops what was started. A second call finds nothing to do.
    ///
    /// It blocks the calling thread, and works inside and outside of async runtimes.
    pub fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let Some(running) = self.running().take() else { return ShutdownReport { abandoned_spans: 0 } };
        let start = Instant::now();
        let left = || deadline.saturating_sub(start.elapsed());
        #[cfg(feature = "otlp")]
        if let Some(metrics) = running.metrics {
            metrics.stop(left() / 2);
        }
        // What is pushed comes after the spans, and has half of the time that is left.
        #[cfg(feature = "push")]
        let parts = if running.push.is_some() { 2 } else { 1 };
        #[cfg(not(feature = "push"))]
        let parts = 1;
        // Closed first: a span that ends from now on is counted as too late.
        GLOBAL.spans.close();
        let abandoned_spans = running.worker.as_ref().map_or(0, |worker| worker.stop(left() / parts));
        // What became of the spans is among the metrics.
        #[cfg(feature = "push")]
        if let Some(target) = running.push {
            target.push(left());
        }
        #[cfg(feature = "exporter")]
        running.server.stop(left());
        ShutdownReport { abandoned_spans }
    }

    /// Reads the price file again that is in force, and returns how many models it has prices for; see
    /// [`llm::reload_prices`](crate::llm::reload_prices).
    ///
    /// # Errors
    ///
    /// There is no such file, or it is refused: the prices in force stay as they are.
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
