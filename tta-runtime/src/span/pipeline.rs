//! The queue of ended spans, bounded in spans and in bytes.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::thread::{Thread, available_parallelism};

use crossbeam_utils::atomic::AtomicCell;

use super::chunk::{self, Chunk};
use super::compatibility::Compatibility;
use super::fate::{DropReason, SpanCounts};
use super::held::{Held, Room};
use super::intake::{Intake, Part};
use super::record::SpanRecord;
use super::record_memory;
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
    queue: Intake<QueuedSpan, OfPart>,
    worker: OnceLock<Thread>,
    /// The spans that fill whole chunks, since the export thread drained the queue.
    in_full_chunks: AtomicUsize,
    /// True from a wake-up until the export thread drains the queue.
    woken: AtomicBool,
    /// The process that the export threads run in.
    process: ProcessMark,
    /// True once the log says that this process is a fork.
    told_of_fork: AtomicBool,
}

/// A span in the queue, with the memory that it takes. The bytes of its own attributes stand beside it in the chunk.
#[derive(Default)]
pub(super) struct QueuedSpan {
    pub(super) record: SpanRecord,
    pub(super) weight: u32,
    attribute_bytes: u32,
}

/// What is kept with each part of the queue.
#[derive(Debug, Default)]
pub(super) struct OfPart {
    /// The spans that ended since they were counted.
    ended: u64,
    room: Room,
}

/// The most parts of a queue: more threads than these seldom end a span at the same moment.
const MOST_PARTS: usize = 32;

impl OpenPipeline {
    fn new(sampler: RootSampler, settings: ExportSettings, parts: usize) -> Self {
        Self {
            settings,
            held: Held::default(),
            sampler,
            queue: Intake::new(chunk_items(&settings), parts),
            worker: OnceLock::new(),
            in_full_chunks: AtomicUsize::new(0),
            woken: AtomicBool::new(false),
            process: ProcessMark::current(),
            told_of_fork: AtomicBool::new(false),
        }
    }

    /// Queues a span that ended: its record is empty then, but for memory of its attributes.
    fn push(&self, record: &mut SpanRecord) -> Result<(), DropReason> {
        let added = self.settings.compatibility.map_or(0, |_| Compatibility::weight(&record.attributes));
        let weight = weight(record) + added;
        let number = part_number();
        let mut part = self.queue.part(number);
        if !part.is_open() {
            return Err(DropReason::AfterShutdown);
        }
        if let Err(reason) = self.held.take(&mut part.state.room, weight, &self.settings) {
            drop(part);
            if reason != DropReason::QueueFull {
                return Err(reason);
            }
            // What is queued may be in chunks that are not full yet.
            self.unpark();
            if !self.held.take_is_lent() {
                return Err(reason);
            }
            if !self.queue.each_free_part(|part| self.held.take_back(&mut part.state.room)) {
                self.held.put_is_lent();
            }
            part = self.queue.part(number);
            if !part.is_open() {
                return Err(DropReason::AfterShutdown);
            }
            self.held.take(&mut part.state.room, weight, &self.settings)?;
        }
        let attributes = record.attributes.take_bytes();
        let put = |place: &mut QueuedSpan| {
            std::mem::swap(&mut place.record, record);
            (place.weight, place.attribute_bytes) = (weight as u32, attributes.len() as u32);
        };
        let fills_chunk = self.queue.push(&mut part, put, &attributes);
        record.attributes.reuse(attributes);
        part.state.ended += 1;
        drop(part);
        if fills_chunk {
            self.wake();
        }
        Ok(())
    }

    /// Wakes the export thread if there are enough spans in full chunks.
    // A wake-up is a system call: there is one per batch, not one per span.
    #[cold]
    fn wake(&self) {
        let chunk = chunk_items(&self.settings);
        let queued = self.in_full_chunks.fetch_add(chunk, Ordering::AcqRel) + chunk;
        if queued >= enough(&self.settings) {
            self.unpark();
        }
    }

    #[cold]
    fn unpark(&self) {
        if !self.woken.swap(true, Ordering::AcqRel)
            && let Some(worker) = self.worker.get()
        {
            worker.unpark();
        }
    }

    /// Takes all spans that are queued now, in chunks: those of each part of the queue are together, the oldest first. Clears the wake-up.
    pub(super) fn take_queued(&self, counts: &SpanCounts) -> Vec<Chunk<QueuedSpan>> {
        self.woken.store(false, Ordering::Release);
        self.in_full_chunks.store(0, Ordering::Release);
        let mut taken = Vec::new();
        self.queue.each_part(|part| {
            self.queue.take(part, &mut taken);
            self.held.take_back(&mut part.state.room);
            count(part, counts);
        });
        taken
    }

    /// Passes the spans of a chunk on, and keeps its memory for later ones.
    pub(super) fn empty(&self, mut chunk: Chunk<QueuedSpan>, mut take: impl FnMut(QueuedSpan)) {
        chunk.take(
            |queued| queued.attribute_bytes as usize,
            |mut queued, attributes| {
                if !attributes.is_empty() {
                    queued.record.attributes.set_bytes(attributes);
                }
                take(queued);
            },
        );
        self.queue.give_back(chunk);
    }

    /// Takes no more spans.
    fn close(&self, counts: &SpanCounts) {
        self.each_part(|part| {
            part.close();
            count(part, counts);
        });
    }

    /// Returns how many spans, and how many of their bytes, wait for export or are being exported.
    fn held(&self) -> [usize; 2] {
        let mut unused = [0, 0];
        self.each_part(|part| {
            let [spans, bytes] = part.state.room.left();
            unused = [unused[0] + spans, unused[1] + bytes];
        });
        let [spans, bytes] = self.held.sums();
        [spans.saturating_sub(unused[0]), bytes.saturating_sub(unused[1])]
    }

    fn each_part(&self, visit: impl FnMut(&mut Part<QueuedSpan, OfPart>)) {
        if self.is_own() {
            self.queue.each_part(visit);
        } else {
            // A thread of the parent may have had a part at the fork, and for ever.
            self.queue.each_free_part(visit);
        }
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

/// Returns the number of spans for which the export thread is woken: a batch, or a quarter of a small queue.
fn enough(settings: &ExportSettings) -> usize {
    settings.batch.min(settings.most_spans / 4).max(1)
}

/// Returns the number of spans in a full chunk.
fn chunk_items(settings: &ExportSettings) -> usize {
    enough(settings).min(chunk::MOST_ITEMS)
}

/// Counts the spans of a part that ended.
fn count(part: &mut Part<QueuedSpan, OfPart>, counts: &SpanCounts) {
    counts.ended.fetch_add(std::mem::take(&mut part.state.ended), Ordering::Relaxed);
}

/// Returns the number of the part that the calling thread adds to.
#[inline]
fn part_number() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    let number = |known: &Cell<Option<usize>>| {
        known.get().unwrap_or_else(|| {
            let number = THREADS.fetch_add(1, Ordering::Relaxed);
            known.set(Some(number));
            number
        })
    };
    NUMBER.try_with(number).unwrap_or_default()
}

impl Pipeline {
    pub(crate) const fn new() -> Self {
        Self { mode: AtomicU8::new(CLOSED), open: AtomicCell::new(None), counts: SpanCounts::new() }
    }

    /// Opens the pipeline: calls record spans from now on.
    pub(crate) fn open(&self, sampler: RootSampler, settings: ExportSettings) {
        let threads = available_parallelism().map_or(1, usize::from);
        self.open_with(sampler, settings, (2 * threads).min(MOST_PARTS));
    }

    /// Opens the pipeline for spans that are read in the order in which they ended, whatever threads end them.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn open_in_order(&self, sampler: RootSampler) {
        self.open_with(sampler, ExportSettings::default(), 1);
    }

    fn open_with(&self, sampler: RootSampler, settings: ExportSettings, parts: usize) {
        self.open.store(Some(Box::leak(Box::new(OpenPipeline::new(sampler, settings, parts)))));
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
            open.close(&self.counts);
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
    pub(crate) fn push(&self, mut record: Box<SpanRecord>) {
        match self.queue(&mut record) {
            Ok(()) => record_memory::give_back(record),
            Err(reason) => {
                self.counts.ended.fetch_add(1, Ordering::Relaxed);
                self.counts.drop(reason, 1);
                record_memory::discard(record);
            }
        }
    }

    fn queue(&self, record: &mut SpanRecord) -> Result<(), DropReason> {
        let Some(open) = self.latest().filter(|_| self.mode.load(Ordering::Acquire) == OPEN) else {
            return Err(DropReason::AfterShutdown);
        };
        if !open.process.is_current() {
            open.tell_of_fork();
            return Err(DropReason::Forked);
        }
        open.push(record)
    }

    /// Takes the spans that are queued, for a recording of a test.
    #[cfg(feature = "testing")]
    pub(crate) fn take_all(&self) -> Vec<SpanRecord> {
        let Some(open) = self.latest() else { return Vec::new() };
        let mut records = Vec::new();
        for chunk in open.take_queued(&self.counts) {
            open.empty(chunk, |queued| {
                open.held.release(1, queued.weight as usize);
                records.push(queued.record);
            });
        }
        records.sort_by_key(|record| record.end);
        records
    }

    /// Returns how many spans ended.
    pub(crate) fn ended(&self) -> u64 {
        if let Some(open) = self.latest() {
            open.each_part(|part| count(part, &self.counts));
        }
        self.counts.ended.load(Ordering::Relaxed)
    }

    /// Returns the bytes of the spans that wait for export or are being exported.
    #[cfg(feature = "page")]
    pub(crate) fn held_bytes(&self) -> usize {
        self.latest().map_or(0, |open| open.held()[1])
    }

    /// Returns how many spans may wait for export or be exported, 0 while none are recorded.
    #[cfg(feature = "page")]
    pub(crate) fn most_spans(&self) -> usize {
        self.latest().map_or(0, |open| open.settings.most_spans)
    }

    /// Returns how many spans wait for export or are being exported.
    pub(crate) fn held(&self) -> usize {
        self.latest().map_or(0, |open| open.held()[0])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use opentelemetry_sdk::trace::Sampler;

    use super::{Compatibility, DropReason, ExportSettings, OpenPipeline, RootSampler, SpanRecord};

    /// Ends spans without attributes; returns how many there were until the export thread was woken, and how many were dropped.
    fn end(spans: usize, settings: ExportSettings) -> [usize; 2] {
        let pipeline = OpenPipeline::new(RootSampler::Plain(Sampler::AlwaysOn), settings, 2);
        pipeline.worker.set(std::thread::current()).expect("it has none");
        let (mut woken, mut dropped) = (0, 0);
        for n in 1..=spans {
            match pipeline.push(&mut SpanRecord::default()) {
                Ok(()) => {}
                Err(reason) => {
                    assert_eq!(reason, DropReason::QueueFull);
                    dropped += 1;
                }
            }
            if woken == 0 && pipeline.woken.load(Ordering::Acquire) {
                woken = n;
            }
        }
        [woken, dropped]
    }

    #[test]
    fn the_export_thread_is_woken_before_a_small_queue_is_full() {
        let settings = |most_spans, batch| ExportSettings { most_spans, batch, ..ExportSettings::default() };
        assert_eq!(end(100, settings(100, 100)), [25, 0]);
        assert_eq!(end(600, settings(2_048, 512)), [512, 0]);
        assert_eq!(end(21, settings(20, 20)), [5, 1]);
        assert_eq!(end(41, settings(40, 512)), [10, 1]);
        assert_eq!(end(10, settings(100, 1)), [1, 0]);
    }

    #[test]
    fn a_span_counts_the_bytes_of_what_receivers_read_beside_its_own() {
        let held = |compatibility| {
            let settings = ExportSettings { compatibility, ..ExportSettings::default() };
            let pipeline = OpenPipeline::new(RootSampler::Plain(Sampler::AlwaysOn), settings, 1);
            let mut record = SpanRecord::default();
            record.set(opentelemetry::KeyValue::new("gen_ai.input.messages", "x".repeat(10_000)));
            pipeline.push(&mut record).expect("there is room");
            pipeline.held()[1]
        };
        let more = held(Some(Compatibility::default())) - held(None);
        assert!((10_000..11_000).contains(&more), "{more}");
    }
}
