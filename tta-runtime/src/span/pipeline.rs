//! The queue of ended spans, with the counts of their fates.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread::Thread;

use crossbeam_queue::ArrayQueue;

use super::record::SpanRecord;
use super::sampling::RootSampler;

/// The capacity of the queue, in spans.
const QUEUE: usize = 8_192;

/// The size of a batch: at this queue length the export thread is woken before its interval ends.
pub(crate) const BATCH: usize = 512;

/// The path of ended spans to the export thread.
pub(crate) struct Pipeline {
    /// One of `CLOSED`, `OPEN` and `HOST`.
    mode: AtomicU8,
    state: OnceLock<OpenPipeline>,
    pub(crate) counts: SpanCounts,
}

/// Spans are not recorded.
const CLOSED: u8 = 0;
/// Spans go to the queue.
const OPEN: u8 = 1;
/// Spans are recorded on spans of the host.
const HOST: u8 = 2;

/// Where the spans of calls go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination<'a> {
    /// Spans are not recorded.
    Nowhere,
    /// To the exporters of this library, as this sampler decides.
    Exporters(&'a RootSampler),
    /// Onto the spans that the host's `tracing-opentelemetry` makes of them.
    Host,
}

struct OpenPipeline {
    sampler: RootSampler,
    queue: ArrayQueue<Box<SpanRecord>>,
    worker: OnceLock<Thread>,
    /// True from a wake-up until the export thread drains the queue.
    woken: AtomicBool,
}

/// The fates of spans: each that ended is exported, dropped for a reason, queued or being exported.
pub(crate) struct SpanCounts {
    pub(crate) ended: AtomicU64,
    pub(crate) exported: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

/// The reason that a span was not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropReason {
    /// The queue was full: spans ended faster than the exporters took them.
    QueueFull,
    /// An exporter returned an error, after its own retries.
    Rejected,
    /// An exporter panicked.
    ExporterPanic,
    /// The span ended after the shutdown began.
    AfterShutdown,
    /// The deadline of the shutdown passed.
    Deadline,
}

impl DropReason {
    pub(crate) const ALL: [Self; 5] =
        [Self::QueueFull, Self::Rejected, Self::ExporterPanic, Self::AfterShutdown, Self::Deadline];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Rejected => "rejected",
            Self::ExporterPanic => "exporter_panic",
            Self::AfterShutdown => "after_shutdown",
            Self::Deadline => "deadline",
        }
    }
}

impl SpanCounts {
    pub(crate) fn drop(&self, reason: DropReason, spans: u64) {
        if let Some(count) = self.dropped.get(reason as usize) {
            count.fetch_add(spans, Ordering::Relaxed);
        }
    }

    /// Returns how many ended spans are neither exported nor dropped yet: queued or being exported.
    pub(crate) fn pending(&self) -> u64 {
        let dropped: u64 = DropReason::ALL.into_iter().map(|reason| self.dropped(reason)).sum();
        let settled = self.exported.load(Ordering::Acquire) + dropped;
        self.ended.load(Ordering::Acquire).saturating_sub(settled)
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped.get(reason as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

impl Pipeline {
    pub(crate) const fn new() -> Self {
        Self {
            mode: AtomicU8::new(CLOSED),
            state: OnceLock::new(),
            counts: SpanCounts {
                ended: AtomicU64::new(0),
                exported: AtomicU64::new(0),
                dropped: [const { AtomicU64::new(0) }; DropReason::ALL.len()],
            },
        }
    }

    /// Opens the pipeline, once: calls record spans from now on.
    pub(crate) fn open(&self, sampler: RootSampler) {
        let _ = self.state.set(OpenPipeline {
            sampler,
            queue: ArrayQueue::new(QUEUE),
            worker: OnceLock::new(),
            woken: AtomicBool::new(false),
        });
        self.mode.store(OPEN, Ordering::Release);
    }

    /// Records spans on those of the host from now on.
    #[cfg(feature = "tracing-opentelemetry")]
    pub(crate) fn hand_to_host(&self) {
        self.mode.store(HOST, Ordering::Release);
    }

    /// Sets the thread to wake when a batch is full.
    pub(crate) fn attach(&self, worker: Thread) {
        if let Some(state) = self.state.get() {
            let _ = state.worker.set(worker);
        }
    }

    /// Stops recording; spans that end later are counted as dropped.
    pub(crate) fn close(&self) {
        self.mode.store(CLOSED, Ordering::Release);
    }

    /// Returns whether spans are recorded anywhere.
    #[inline]
    pub(crate) fn is_recording(&self) -> bool {
        self.mode.load(Ordering::Relaxed) != CLOSED
    }

    /// Returns where spans go.
    #[inline]
    pub(crate) fn destination(&self) -> Destination<'_> {
        match self.mode.load(Ordering::Acquire) {
            CLOSED => Destination::Nowhere,
            HOST => Destination::Host,
            _ => self.state.get().map_or(Destination::Nowhere, |state| Destination::Exporters(&state.sampler)),
        }
    }

    /// Returns the sampler of the spans that this library exports, `None` while it exports none.
    pub(crate) fn sampler(&self) -> Option<&RootSampler> {
        match self.destination() {
            Destination::Exporters(sampler) => Some(sampler),
            Destination::Nowhere | Destination::Host => None,
        }
    }

    /// Queues a span that ended, or drops and counts it.
    pub(crate) fn push(&self, span: Box<SpanRecord>) {
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        let Some(state) = self.state.get().filter(|_| self.mode.load(Ordering::Acquire) == OPEN) else {
            return self.counts.drop(DropReason::AfterShutdown, 1);
        };
        if state.queue.push(span).is_err() {
            self.counts.drop(DropReason::QueueFull, 1);
        }
        // A wake-up is a system call: make one per batch, not one per span.
        if state.queue.len() >= BATCH
            && !state.woken.swap(true, Ordering::AcqRel)
            && let Some(worker) = state.worker.get()
        {
            worker.unpark();
        }
    }

    pub(crate) fn pop(&self) -> Option<Box<SpanRecord>> {
        self.state.get()?.queue.pop()
    }

    /// Clears the wake-up and returns how many spans are queued.
    pub(crate) fn acknowledge_wake(&self) -> usize {
        if let Some(state) = self.state.get() {
            state.woken.store(false, Ordering::Release);
        }
        self.queued()
    }

    pub(crate) fn queued(&self) -> usize {
        self.state.get().map_or(0, |state| state.queue.len())
    }
}
