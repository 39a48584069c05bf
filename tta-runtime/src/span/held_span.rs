//! A span on its way through the exporters, which counts its fate when the last of them is done with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::description::Description;
use super::fate::{DropReason, SpanCounts};
use super::log_record::is_log_record;
use super::pipeline::{OpenPipeline, QueuedSpan};
use super::record::SpanRecord;
use crate::clock::{ClockAnchor, Monotonic};
use crate::span_limits::{Count, LostPart};

/// A span that exporters share.
///
/// When the last of them drops it, it is counted: as exported if none of them lost it, or else by the reason of the first loss.
pub(super) struct HeldSpan {
    record: SpanRecord,
    of: Arc<Distribution>,
    /// No span is heavier: a heavier one does not get into the queue.
    weight: u32,
    /// The place of the first loss's reason in [`DropReason::ALL`], counted from 1; 0 before.
    loss: AtomicU8,
    /// True once what the limits left out of it is counted.
    is_loss_of_parts_counted: AtomicBool,
    /// True once its fate is counted.
    is_counted: bool,
}

/// What the spans share that leave the queue together.
pub(super) struct Distribution {
    pub(super) anchor: ClockAnchor,
    pub(super) open: &'static OpenPipeline,
    pub(super) counts: &'static SpanCounts,
}

impl HeldSpan {
    pub(super) fn new(QueuedSpan { record, weight, .. }: QueuedSpan, of: &Arc<Distribution>) -> Self {
        let of = Arc::clone(of);
        let is_loss_of_parts_counted = AtomicBool::new(false);
        Self { record, of, weight, loss: AtomicU8::new(0), is_loss_of_parts_counted, is_counted: false }
    }

    /// Returns the bytes that the span takes.
    pub(super) fn weight(&self) -> usize {
        self.weight as usize
    }

    /// Returns the time at which the span ended.
    pub(super) fn end(&self) -> Monotonic {
        self.record.end
    }

    /// Returns the number of its events that are log records too.
    pub(super) fn log_records(&self) -> u64 {
        let events = self.record.events.as_deref().map_or(&[][..], |events| &events.events);
        events.iter().filter(|event| is_log_record(event)).count() as u64
    }

    /// Notes that an exporter lost the span; returns whether it is the first loss.
    pub(super) fn lose(&self, reason: DropReason) -> bool {
        self.loss.compare_exchange(0, reason as u8 + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Passes the record on, with what dates it.
    pub(super) fn read(&self, read: &(dyn Fn(&SpanRecord, ClockAnchor) + Send + Sync)) {
        read(&self.record, self.of.anchor);
    }

    /// Describes the span for an exporter. Runs on export threads, since it may wait for the prices.
    pub(super) fn describe<R>(&self, form: impl FnOnce(Description<'_>, Count<'_>) -> R) -> R {
        // Each exporter and each attempt asks for the description, and loses the same; the losses are counted by the first of them.
        let mut is_first = None;
        let mut count = |part: LostPart, n| {
            if *is_first.get_or_insert_with(|| !self.is_loss_of_parts_counted.swap(true, Ordering::Relaxed)) {
                part.add(n);
            }
        };
        form(Description::new(&self.record, self.of.anchor).wait_for_costs(), &mut count)
    }
}

impl Drop for HeldSpan {
    fn drop(&mut self) {
        if !self.is_counted {
            let mut settled = Settled::default();
            settled.add(self);
            settled.count(&self.of);
        }
    }
}

/// Drops spans, and counts the fates of those that no other exporter has.
pub(super) fn drop_together(spans: Arc<Vec<Arc<HeldSpan>>>) {
    // The counts are those of all threads: they are changed once, not for each span.
    let mut settled = Settled::default();
    let mut latest = None;
    for span in Arc::into_inner(spans).unwrap_or_default() {
        if let Some(mut span) = Arc::into_inner(span) {
            settled.add(&mut span);
            latest = Some(span);
        }
    }
    if let Some(span) = latest {
        settled.count(&span.of);
    }
}

/// Spans of one queue whose last exporter is done with them.
#[derive(Debug, Default)]
struct Settled {
    exported: u64,
    spans: usize,
    bytes: usize,
}

impl Settled {
    fn add(&mut self, span: &mut HeldSpan) {
        span.is_counted = true;
        let reason = usize::from(*span.loss.get_mut()).checked_sub(1).and_then(|place| DropReason::ALL.get(place));
        match reason {
            None => self.exported += 1,
            Some(reason) => span.of.counts.drop(*reason, 1),
        }
        self.spans += 1;
        self.bytes += span.weight();
    }

    fn count(self, Distribution { open, counts, .. }: &Distribution) {
        counts.exported.fetch_add(self.exported, Ordering::Release);
        open.held.release(self.spans, self.bytes);
    }
}
