//! The export threads: one hands the queue's spans to the exporters' lanes, and each exporter has its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::chunk::Chunk;
use super::exporter::{Exporter, Signal};
use super::fate::DropReason;
use super::held_span::{Distribution, SpareSpans, hold};
use super::lane::Lane;
use super::pipeline::{OpenPipeline, Pipeline};
use super::record::SpanRecord;
use crate::clock::{Clock, ClockAnchor};

/// Receives what becomes of exports.
pub(crate) type OnExport = Arc<dyn Fn(ExportEvent) + Send + Sync>;

/// What becomes of an export, beside the fates of its spans.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExportEvent {
    /// An attempt to send a batch ended.
    Attempted { signal: Signal, worked: bool, took: Duration },
    /// Log records are lost.
    RecordsLost { reason: DropReason, records: u64 },
}

/// Receives each span that ended, on an export thread, before the exporters do.
pub(crate) type OnSpan = Arc<dyn Fn(&SpanRecord, ClockAnchor) + Send + Sync>;

/// A handle to the export threads.
pub(crate) struct Worker {
    exports: Arc<Exports>,
    thread: Thread,
}

/// The state that the threads share.
struct Exports {
    open: &'static OpenPipeline,
    clock: &'static Clock,
    /// Dates the spans. Held while spans move from the queue to the lanes: a flush then finds them in one or the other.
    distribution: Mutex<Arc<Distribution>>,
    on_span: Option<OnSpan>,
    lanes: Vec<Arc<Lane>>,
    stopped: AtomicBool,
}

impl Worker {
    /// Starts the threads of an open pipeline.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses a thread.
    pub(crate) fn start(
        pipeline: &'static Pipeline,
        clock: &'static Clock,
        exporters: Vec<Exporter>,
        on_export: &OnExport,
        on_span: Option<OnSpan>,
    ) -> std::io::Result<Self> {
        let Some(open) = pipeline.latest() else { return Err(std::io::ErrorKind::NotConnected.into()) };
        let all = exporters.len();
        let lane = |exporter| Arc::new(Lane::new(open.settings, all, exporter, Arc::clone(on_export)));
        let lanes: Vec<_> = exporters.into_iter().map(lane).collect();
        let exports = Arc::new(Exports {
            open,
            clock,
            distribution: Mutex::new(Arc::new(Distribution {
                anchor: clock.anchor(),
                open,
                counts: &pipeline.counts,
                spare: Box::leak(Box::new(SpareSpans::new(open.settings.batch))),
            })),
            on_span,
            lanes,
            stopped: AtomicBool::new(false),
        });
        match exports.spawn() {
            Ok(thread) => {
                pipeline.attach(thread.clone());
                Ok(Self { exports, thread })
            }
            Err(error) => {
                exports.stop(Instant::now());
                Err(error)
            }
        }
    }

    /// Waits until all spans that ended before this call are exported or dropped, at most for `deadline`. Returns whether
    /// they were in time.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        if !self.exports.open.is_own() {
            return true;
        }
        let deadline = after(deadline);
        self.exports.distribute();
        self.exports.lanes.iter().all(|lane| lane.flush(deadline))
    }

    /// Exports the queued spans and shuts the exporters down, within `deadline`. Returns how many spans were abandoned
    /// because the deadline passed first.
    pub(crate) fn stop(&self, deadline: Duration) -> u64 {
        if !self.exports.open.is_own() {
            return 0;
        }
        let abandoned = self.exports.stop(after(deadline));
        self.thread.unpark();
        abandoned
    }
}

impl Exports {
    /// Starts a thread for each exporter, and the one that hands spans to them, which is returned.
    fn spawn(self: &Arc<Self>) -> std::io::Result<Thread> {
        for lane in &self.lanes {
            lane.start_thread()?;
        }
        let exports = Arc::clone(self);
        let thread = thread::Builder::new().name("tta-spans".into()).spawn(move || exports.run())?;
        Ok(thread.thread().clone())
    }

    fn run(&self) {
        while !self.stopped.load(Ordering::Acquire) {
            thread::park_timeout(self.open.settings.delay);
            self.distribute();
            for lane in &self.lanes {
                lane.watch();
            }
        }
    }

    /// Moves the spans that are queued now to the exporters, in the order of their ends. Spans that end meanwhile wait for the next time;
    /// otherwise a busy program would starve a flush.
    fn distribute(&self) {
        let mut distribution = self.distribution.lock().unwrap_or_else(PoisonError::into_inner);
        let Distribution { anchor, open, counts, spare } = **distribution;
        let now = anchor.resynced(self.clock.anchor());
        if now != anchor {
            *distribution = Arc::new(Distribution { anchor: now, open, counts, spare });
        }
        let chunks = open.take_queued(counts);
        let mut spans = Vec::with_capacity(chunks.iter().map(Chunk::len).sum());
        let mut places = spare.take();
        for chunk in chunks {
            open.empty(chunk, |queued| spans.push(hold(queued, &distribution, &mut places)));
        }
        spare.put(places);
        // The spans of each thread are together. Most are in order, which a stable sort makes use of.
        spans.sort_by_key(|span| span.end());
        let mut spans = spans.into_iter();
        while spans.len() > 0 {
            let batch = spans.as_slice();
            let batch = batch.get(..self.open.settings.batch).unwrap_or(batch);
            if let Some(on_span) = &self.on_span {
                for span in batch {
                    span.read(&**on_span);
                }
            }
            let (last, others) = self.lanes.split_last().unzip();
            for lane in others.unwrap_or_default() {
                lane.offer(batch.iter().cloned());
            }
            let all = batch.len();
            let handed_on = spans.by_ref().take(all);
            match last {
                Some(last) => last.offer(handed_on),
                None => handed_on.for_each(drop),
            }
        }
    }

    /// Stops all threads by the deadline; returns how many spans were abandoned.
    fn stop(&self, deadline: Instant) -> u64 {
        self.stopped.store(true, Ordering::Release);
        self.distribute();
        for lane in &self.lanes {
            lane.stop(deadline);
        }
        let abandoned = self.lanes.iter().map(|lane| lane.abandon(deadline)).sum();
        // A span that was on its way into the queue while it closed; a later one comes back to its call.
        self.distribute();
        let distribution = self.distribution.lock().unwrap_or_else(PoisonError::into_inner);
        drop(distribution.spare.take());
        abandoned
    }
}

/// Returns the time after a duration; far away if the clock cannot express it.
pub(crate) fn after(duration: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(1 << 30);
    let now = Instant::now();
    now.checked_add(duration).unwrap_or_else(|| now + FAR)
}
