//! A span on its way through the exporters, which counts its fate when the last of them is done with it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::convert::span_data;
use super::fate::{DropReason, SpanCounts};
use super::pipeline::{OpenPipeline, QueuedSpan};
use super::record::SpanRecord;
use super::sink::EndedSpan;
use crate::clock::ClockAnchor;
use crate::span_limits::LostPart;

/// A span that exporters share.
///
/// When the last of them drops it, it is counted: as exported if none of them lost it, or else by the reason of the first loss.
pub(super) struct HeldSpan {
    record: Box<SpanRecord>,
    pub(super) weight: usize,
    anchor: ClockAnchor,
    loss: OnceLock<DropReason>,
    is_converted: AtomicBool,
    open: &'static OpenPipeline,
    counts: &'static SpanCounts,
}

impl HeldSpan {
    pub(super) fn new(
        queued: QueuedSpan,
        anchor: ClockAnchor,
        open: &'static OpenPipeline,
        counts: &'static SpanCounts,
    ) -> Self {
        let QueuedSpan { record, weight } = queued;
        Self { record, weight, anchor, loss: OnceLock::new(), is_converted: AtomicBool::new(false), open, counts }
    }

    /// Notes that an exporter lost the span; returns whether it is the first loss.
    pub(super) fn lose(&self, reason: DropReason) -> bool {
        self.loss.set(reason).is_ok()
    }

    /// Converts the span for an exporter.
    pub(super) fn data(&self) -> EndedSpan {
        let is_outermost = !self.record.parent.is_some() || self.record.parent.is_foreign();
        // Each exporter and each attempt converts the span; its losses are counted by the first of them.
        let is_first = !self.is_converted.swap(true, Ordering::Relaxed);
        let mut count = |part: LostPart, n| {
            if is_first {
                part.add(n);
            }
        };
        EndedSpan { data: span_data(&self.record, self.anchor, &mut count), is_outermost }
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
