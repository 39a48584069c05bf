//! The handle of started telemetry, which flushes and stops it.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[cfg(feature = "otlp")]
use crate::export::otlp::LastMetrics;
use crate::host_log::catch_panic;
#[cfg(feature = "redis")]
use crate::llm::budget::give_all_back;
use crate::model::{self, PricesError};
use crate::recorder::GLOBAL;
use crate::span::Worker;
#[cfg(feature = "otlp")]
use crate::span::after;

/// The deadline of the shutdown when a [`Telemetry`] is dropped.
///
/// It covers one request to a collector with OTLP's default timeout of 10 s.
const DROP_DEADLINE: Duration = Duration::from_secs(11);

/// A handle to started telemetry: the export of spans and metrics.
///
/// Dropping the handle shuts the telemetry down, and blocks up to 11 s while the rest is exported.
#[derive(Debug)]
#[must_use = "dropping it shuts the telemetry down"]
pub struct Telemetry(Arc<Mutex<Option<Running>>>);

/// The process that runs telemetry, 0 while none does: a fork of it may start its own.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The right to run telemetry in this process, which ends on drop.
#[derive(Debug)]
pub(crate) struct Started {
    process: u32,
}

impl Started {
    /// Takes the right, `None` if it is taken.
    pub(crate) fn begin() -> Option<Self> {
        let process = std::process::id();
        let before = PROCESS.swap(process, Ordering::SeqCst);
        if before != process {
            // A fork would draw the identifiers that its parent draws, and its other forks.
            fastrand::seed(RandomState::new().hash_one((process, Instant::now())));
        }
        (before != process).then_some(Self { process })
    }

    /// Returns whether this is the process that started, and no fork of it.
    fn is_own(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = PROCESS.compare_exchange(self.process, 0, Ordering::SeqCst, Ordering::SeqCst);
    }
}

/// The running parts.
pub(crate) struct Running {
    pub(crate) started: Started,
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
    /// False if a collector is configured (feature `otlp`) and did not accept the last metrics in time.
    pub metrics_sent: bool,
    /// False if a shared budget (feature `redis`) could not tell its Redis in time what was spent. Redis then counts as spent
    /// whatever the process had leased.
    pub budgets_settled: bool,
}

impl ShutdownReport {
    /// The report of a shutdown that finds nothing to do.
    const NOTHING: Self = Self { abandoned_spans: 0, metrics_sent: true, budgets_settled: true };
}

impl Telemetry {
    /// Creates the handle of running parts.
    pub(crate) fn of(running: Running) -> Self {
        Self(Arc::new(Mutex::new(Some(running))))
    }

    /// Creates a handle that owns nothing, as of a second start.
    pub(crate) fn detached() -> Self {
        Self(Arc::default())
    }

    /// Returns the address that serves `/metrics`, `None` if none does.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        #[cfg(feature = "exporter")]
        return self.running().as_ref().and_then(|running| Some(running.server.as_ref()?.address()));
        #[cfg(not(feature = "exporter"))]
        None
    }

    /// Returns the address of the live page on this machine, such as `http://127.0.0.1:9464/`; `None` if there is none, and without
    /// the feature `page`.
    #[must_use]
    pub fn page_url(&self) -> Option<String> {
        #[cfg(feature = "page")]
        return self.running().as_ref().and_then(|running| running.server.as_ref()?.page_url());
        #[cfg(not(feature = "page"))]
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
    /// abandoned spans. Afterwards [`init`](crate::init) may start the telemetry again.
    pub fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let Some(running) = self.running().take() else { return ShutdownReport::NOTHING };
        if !running.started.is_own() {
            // The threads are those of the process that forked: there is nothing to wait for, and nothing to stop.
            std::mem::forget(running);
            return ShutdownReport::NOTHING;
        }
        let start = Instant::now();
        let left = || deadline.saturating_sub(start.elapsed());
        // Redis answers in milliseconds, and if it does not, the spans still have most of the time.
        #[cfg(feature = "redis")]
        let budgets_settled = give_all_back(start + left() / 4);
        #[cfg(not(feature = "redis"))]
        let budgets_settled = true;
        #[cfg(feature = "otlp")]
        let last_metrics = running.metrics.map(|metrics| metrics.stop(after(left())));
        // The push comes after the spans, and gets half of the time left.
        #[cfg(feature = "push")]
        let parts = if running.push.is_some() { 2 } else { 1 };
        #[cfg(not(feature = "push"))]
        let parts = 1;
        // Close first: a span that ends from now on counts as dropped.
        GLOBAL.spans.close();
        let abandoned_spans = running.worker.as_ref().map_or(0, |worker| worker.stop(left() / parts));
        #[cfg(feature = "otlp")]
        let metrics_sent = last_metrics.is_none_or(LastMetrics::wait);
        #[cfg(not(feature = "otlp"))]
        let metrics_sent = true;
        // Push last: the metrics include the fates of the spans.
        #[cfg(feature = "push")]
        if let Some(target) = running.push {
            target.push(left());
        }
        #[cfg(feature = "exporter")]
        if let Some(server) = running.server {
            server.stop(left());
        }
        drop(running.started);
        ShutdownReport { abandoned_spans, metrics_sent, budgets_settled }
    }

    /// Shuts the telemetry down when the process gets SIGTERM or SIGINT (Ctrl-C), as if the handle were dropped; the signal
    /// then ends the process. A second signal ends it at once.
    ///
    /// For programs that do not handle these signals themselves: without a handler they end a process in the middle, and
    /// what was not exported is lost. The shutdown runs on a thread of the library while the program goes on, so calls in
    /// progress are not recorded. Programs that stop in order call [`shutdown`](Self::shutdown) at the end of it instead.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses the handler or a thread, and an error of the kind `Unsupported`
    /// where there are no such signals.
    pub fn shutdown_on_signal(&self) -> std::io::Result<()> {
        let running = Arc::clone(&self.0);
        crate::signals::on_first(move || Self(running).shut_down_and_log())
    }

    /// Shuts down within the deadline of a drop, and logs what was not exported.
    fn shut_down_and_log(&self) {
        let ShutdownReport { abandoned_spans, metrics_sent, budgets_settled } = self.shutdown(DROP_DEADLINE);
        if abandoned_spans > 0 || !metrics_sent || !budgets_settled {
            catch_panic(|| {
                tracing::warn!(
                    target: "tta::telemetry",
                    abandoned_spans,
                    metrics_sent,
                    budgets_settled,
                    "the telemetry was stopped before everything was exported"
                );
            });
        }
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
        self.shut_down_and_log();
    }
}
