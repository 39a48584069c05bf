//! The way of an ended span to the exporters: sampled, queued, counted.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Thread;

use crossbeam_queue::ArrayQueue;

use super::record::SpanRecord;
use super::sampling::RootSampler;

/// Spans wait here, at most this many.
const QUEUE: usize = 8_192;

/// The export thread is woken when this many spans wait, and otherwise comes by itself.
pub(crate) const BATCH: usize = 512;

/// Where ended spans go.
pub(crate) struct Pipeline {
    open: AtomicBool,
    started: OnceLock<Started>,
    pub(crate) counts: SpanCounts,
}

struct Started {
    sampler: RootSampler,
    queue: ArrayQueue<Box<SpanRecord>>,
    worker: OnceLock<Thread>,
    /// Whether the export thread has been woken, and has not come yet.
    woken: AtomicBool,
}

/// What became of the spans: those that ended are exported, dropped for a reason, queued or in the exporters' hands.
pub(crate) struct SpanCounts {
    pub(crate) ended: AtomicU64,
    pub(crate) exported: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

/// Why a span did not reach an exporter's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropReason {
    /// More spans ended than the exporters could take.
    QueueFull,
    /// An exporter said no, after such retries as it makes.
    Rejected,
    /// An exporter panicked.
    ExporterPanic,
    /// The span ended after the shutdown began.
    AfterShutdown,
    /// The shutdown's time ran out.
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

    /// Returns how many spans ended and are neither exported nor dropped: they are queued, or in an exporter's hands.
    pub(crate) fn unaccounted(&self) -> u64 {
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
            open: AtomicBool::new(false),
            started: OnceLock::new(),
            counts: SpanCounts {
                ended: AtomicU64::new(0),
                exported: AtomicU64::new(0),
                dropped: [const { AtomicU64::new(0) }; DropReason::ALL.len()],
            },
        }
    }

    /// Opens the pipeline: from now on calls record spans. A pipeline is opened once.
    pub(crate) fn open(&self, sampler: RootSampler) {
        let _ = self.started.set(Started {
            sampler,
            queue: ArrayQueue::new(QUEUE),
            worker: OnceLock::new(),
            woken: AtomicBool::new(false),
        });
        self.open.store(true, Ordering::Release);
    }

    /// Says whom to wake when a batch is full.
    pub(crate) fn attach(&self, worker: Thread) {
        if let Some(started) = self.started.get() {
            let _ = started.worker.set(worker);
        }
    }

    /// Stops recording; spans that are still running will be counted as dropped.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Release);
    }

    /// Returns the sampler while spans are recorded.
    #[inline]
    pub(crate) fn sampler(&self) -> Option<&RootSampler> {
        if self.open.load(Ordering::Acquire) { self.started.get().map(|started| &started.sampler) } else { None }
    }

    /// Takes a span that ended.
    pub(crate) fn push(&self, span: Box<SpanRecord>) {
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        let Some(started) = self.started.get().filter(|_| self.open.load(Ordering::Acquire)) else {
            return self.counts.drop(DropReason::AfterShutdown, 1);
        };
        if started.queue.push(span).is_err() {
            self.counts.drop(DropReason::QueueFull, 1);
        }
        // Waking costs a system call, so it is done once per batch and not once per span.
        if started.queue.len() >= BATCH
            && !started.woken.swap(true, Ordering::AcqRel)
            && let Some(worker) = started.worker.get()
        {
            worker.unpark();
        }
    }

    pub(crate) fn pop(&self) -> Option<Box<SpanRecord>> {
        self.started.get()?.queue.pop()
    }

    /// Notes that the export thread has come, and returns how many spans wait.
    pub(crate) fn come(&self) -> usize {
        if let Some(started) = self.started.get() {
            started.woken.store(false, Ordering::Release);
        }
        self.queued()
    }

    pub(crate) fn queued(&self) -> usize {
        self.started.get().map_or(0, |started| started.queue.len())
    }
}
