//! The queue of ended spans, bounded in spans and in bytes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::thread::Thread;

use crossbeam_utils::atomic::AtomicCell;

use super::fate::{DropReason, SpanCounts};
use super::intake::Intake;
use super::record::SpanRecord;
use super::sampling::RootSampler;
use super::settings::ExportSettings;
use super::weight::weight;
use crate::host_log::catch_panic;
use crate::process_mark::ProcessMark;

/// The path of ended spans to the export threads.
pub(crate) struct Pipeline {
    /// One of `CLOSED`, `OPEN` and `HOST`.
    mode: AtomicU8,
    /// The queue of the latest start. That of an earlier start is empty and never freed: a call may still look at it.
    open: AtomicCell<Option<&'static OpenPipeline>>,
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

pub(super) struct OpenPipeline {
    pub(super) settings: ExportSettings,
    pub(super) held: Held,
    sampler: RootSampler,
    queue: Intake<QueuedSpan>,
    worker: OnceLock<Thread>,
    /// True from a wake-up until the export thread drains the queue.
    woken: AtomicBool,
    /// The process that the export threads run in.
    process: ProcessMark,
    /// True once the log says that this process is a fork.
    told_of_fork: AtomicBool,
}

/// A span in the queue, with the bytes that it takes.
pub(super) struct QueuedSpan {
    pub(super) record: Box<SpanRecord>,
    pub(super) weight: usize,
}

/// The spans and bytes that the queue and the exporters hold.
#[derive(Debug, Default)]
pub(super) struct Held {
    spans: AtomicUsize,
    bytes: AtomicUsize,
}

impl Held {
    /// Takes the space of a span, unless there is none.
    fn take(&self, bytes: usize, settings: &ExportSettings) -> Result<(), DropReason> {
        if bytes > settings.heaviest_span() {
            return Err(DropReason::TooLarge);
        }
        let spans_before = self.spans.fetch_add(1, Ordering::AcqRel);
        let bytes_before = self.bytes.fetch_add(bytes, Ordering::AcqRel);
        if spans_before >= settings.most_spans || bytes_before + bytes > settings.queue_bytes() {
            self.release(bytes);
            return Err(DropReason::QueueFull);
        }
        Ok(())
    }

    /// Gives back the space of a span.
    pub(super) fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.spans.fetch_sub(1, Ordering::AcqRel);
    }
}

impl OpenPipeline {
    pub(super) fn pop(&self) -> Option<QueuedSpan> {
        self.queue.pop()
    }

    /// Clears the wake-up and returns how many spans are queued.
    pub(super) fn acknowledge_wake(&self) -> usize {
        self.woken.store(false, Ordering::Release);
        self.queue.len()
    }

    /// Returns whether this process is the one that exports.
    pub(super) fn is_own(&self) -> bool {
        self.process.is_surely_current()
    }

    fn tell_of_fork(&self) {
        if !self.told_of_fork.swap(true, Ordering::AcqRel) {
            catch_panic(|| {
                tracing::warn!(
                    target: "tta::telemetry",
                    "this process is a fork, which has no export thread: its spans are dropped and counted; start the telemetry after the fork"
                );
            });
        }
    }
}

impl Pipeline {
    pub(crate) const fn new() -> Self {
        Self { mode: AtomicU8::new(CLOSED), open: AtomicCell::new(None), counts: SpanCounts::new() }
    }

    /// Opens the pipeline: calls record spans from now on.
    pub(crate) fn open(&self, sampler: RootSampler, settings: ExportSettings) {
        self.open.store(Some(Box::leak(Box::new(OpenPipeline {
            settings,
            held: Held::default(),
            sampler,
            queue: Intake::new(),
            worker: OnceLock::new(),
            woken: AtomicBool::new(false),
            process: ProcessMark::current(),
            told_of_fork: AtomicBool::new(false),
        }))));
        self.mode.store(OPEN, Ordering::Release);
    }

    /// Records spans on those of the host from now on.
    #[cfg(feature = "tracing-opentelemetry")]
    pub(crate) fn hand_to_host(&self) {
        self.mode.store(HOST, Ordering::Release);
    }

    /// Returns the queue of the latest start.
    pub(super) fn latest(&self) -> Option<&'static OpenPipeline> {
        self.open.load()
    }

    /// Sets the thread to wake when a batch is full.
    pub(super) fn attach(&self, worker: Thread) {
        if let Some(open) = self.latest() {
            let _ = open.worker.set(worker);
        }
    }

    /// Stops recording; spans that end later are counted as dropped.
    pub(crate) fn close(&self) {
        self.mode.store(CLOSED, Ordering::Release);
        if let Some(open) = self.latest() {
            open.queue.close();
        }
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
            _ => self.latest().map_or(Destination::Nowhere, |open| Destination::Exporters(&open.sampler)),
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
    pub(crate) fn push(&self, record: Box<SpanRecord>) {
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        let Some(open) = self.latest().filter(|_| self.mode.load(Ordering::Acquire) == OPEN) else {
            return self.counts.drop(DropReason::AfterShutdown, 1);
        };
        if !open.process.is_current() {
            self.counts.drop(DropReason::Forked, 1);
            return open.tell_of_fork();
        }
        let weight = weight(&record);
        match open.held.take(weight, &open.settings) {
            Ok(()) => {
                if let Err(late) = open.queue.push(QueuedSpan { record, weight }) {
                    open.held.release(late.weight);
                    self.counts.drop(DropReason::AfterShutdown, 1);
                }
            }
            Err(reason) => self.counts.drop(reason, 1),
        }
        // A wake-up is a system call: make one per batch, not one per span.
        if open.queue.len() >= open.settings.batch
            && !open.woken.swap(true, Ordering::AcqRel)
            && let Some(worker) = open.worker.get()
        {
            worker.unpark();
        }
    }

    /// Takes a span from the queue, for a recording of a test.
    #[cfg(feature = "testing")]
    pub(crate) fn pop(&self) -> Option<Box<SpanRecord>> {
        let open = self.latest()?;
        let QueuedSpan { record, weight } = open.pop()?;
        open.held.release(weight);
        Some(record)
    }

    /// Returns the bytes of the spans that wait for export or are being exported.
    #[cfg(feature = "page")]
    pub(crate) fn held_bytes(&self) -> usize {
        self.latest().map_or(0, |open| open.held.bytes.load(Ordering::Acquire))
    }

    /// Returns how many spans may wait for export or be exported, 0 while none are recorded.
    #[cfg(feature = "page")]
    pub(crate) fn most_spans(&self) -> usize {
        self.latest().map_or(0, |open| open.settings.most_spans)
    }

    /// Returns how many spans wait for export or are being exported.
    pub(crate) fn held(&self) -> usize {
        self.latest().map_or(0, |open| open.held.spans.load(Ordering::Acquire))
    }
}
