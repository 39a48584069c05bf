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
    is_described: AtomicBool,
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
        Self { record, of, weight, loss: AtomicU8::new(0), is_described: AtomicBool::new(false) }
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
        // Each exporter and each attempt asks for the description; the losses are counted by the first of them.
        let is_first = !self.is_described.swap(true, Ordering::Relaxed);
        let mut count = |part: LostPart, n| {
            if is_first {
                part.add(n);
            }
        };
        let Distribution { anchor, open, .. } = &*self.of;
        let described = Description::new(&self.record, *anchor).compatible_with(open.settings.compatibility);
        form(described.wait_for_costs(), &mut count)
    }
}

impl Drop for HeldSpan {
    fn drop(&mut self) {
        let Distribution { open, counts, .. } = &*self.of;
        let reason = usize::from(*self.loss.get_mut()).checked_sub(1).and_then(|place| DropReason::ALL.get(place));
        match reason {
            None => {
                counts.exported.fetch_add(1, Ordering::Release);
            }
            Some(reason) => counts.drop(*reason, 1),
        }
        open.held.release(self.weight());
    }
}
