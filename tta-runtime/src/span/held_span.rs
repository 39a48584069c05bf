//! A span on its way through the exporters, which counts its fate when the last of them is done with it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::description::Description;
use super::fate::{DropReason, SpanCounts};
use super::pipeline::OpenPipeline;
use super::record::SpanRecord;
use crate::clock::{ClockAnchor, Monotonic};
use crate::span_limits::{Count, LostPart};

/// A span that exporters share.
///
/// When the last of them drops it, it is counted: as exported if none of them lost it, or else by the reason of the first loss.
pub(super) struct HeldSpan {
    record: SpanRecord,
    pub(super) weight: usize,
    anchor: ClockAnchor,
    loss: OnceLock<DropReason>,
    is_described: AtomicBool,
    open: &'static OpenPipeline,
    counts: &'static SpanCounts,
}

impl HeldSpan {
    pub(super) fn new(
        record: SpanRecord,
        weight: usize,
        anchor: ClockAnchor,
        open: &'static OpenPipeline,
        counts: &'static SpanCounts,
    ) -> Self {
        Self { record, weight, anchor, loss: OnceLock::new(), is_described: AtomicBool::new(false), open, counts }
    }

    /// Returns the time at which the span ended.
    pub(super) fn end(&self) -> Monotonic {
        self.record.end
    }

    /// Notes that an exporter lost the span; returns whether it is the first loss.
    pub(super) fn lose(&self, reason: DropReason) -> bool {
        self.loss.set(reason).is_ok()
    }

    /// Passes the record on, with what dates it.
    pub(super) fn read(&self, read: &(dyn Fn(&SpanRecord, ClockAnchor) + Send + Sync)) {
        read(&self.record, self.anchor);
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
        form(Description::new(&self.record, self.anchor).wait_for_costs(), &mut count)
    }
}

impl Drop for HeldSpan {
    fn drop(&mut self) {
        match self.loss.get() {
            None => {
                self.counts.exported.fetch_add(1, Ordering::Release);
            }
            Some(reason) => self.counts.drop(*reason, 1),
        }
        self.open.held.release(self.weight);
    }
}
