//! A span on its way through the exporters, which counts its fate when the last of them is done with it.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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

/// What the spans share that leave the queue while the clocks keep their distance.
pub(super) struct Distribution {
    pub(super) anchor: ClockAnchor,
    pub(super) open: &'static OpenPipeline,
    pub(super) counts: &'static SpanCounts,
    pub(super) spare: &'static SpareSpans,
}

impl HeldSpan {
    pub(super) fn new(QueuedSpan { record, weight, .. }: QueuedSpan, of: &Arc<Distribution>) -> Self {
        let of = Arc::clone(of);
        let is_loss_of_parts_counted = AtomicBool::new(false);
        Self { record, of, weight, loss: AtomicU8::new(0), is_loss_of_parts_counted, is_counted: false }
    }

    /// Makes a span that was settled another one.
    fn become_another(&mut self, QueuedSpan { record, weight, .. }: QueuedSpan, of: &Arc<Distribution>) {
        // What was settled has nothing to drop.
        std::mem::forget(std::mem::replace(&mut self.record, record));
        if !Arc::ptr_eq(&self.of, of) {
            self.of = Arc::clone(of);
        }
        (self.weight, self.is_counted) = (weight, false);
        *self.loss.get_mut() = 0;
        *self.is_loss_of_parts_counted.get_mut() = false;
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
        let Distribution { anchor, open, .. } = &*self.of;
        let described = Description::new(&self.record, *anchor).compatible_with(open.settings.compatibility);
        form(described.wait_for_costs(), &mut count)
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
    let Some(mut spans) = Arc::into_inner(spans) else { return };
    // The counts are those of all threads: they are changed once, not for each span.
    let mut settled = Settled::default();
    spans.retain_mut(|span| {
        let Some(span) = Arc::get_mut(span) else { return false };
        settled.add(span);
        drop(span.record.take());
        true
    });
    if let Some(span) = spans.first() {
        let of = Arc::clone(&span.of);
        settled.count(&of);
        of.spare.put(spans);
    }
}

/// The memory of spans that are settled, for the next ones: to free what another thread allocated takes longer than to fill it.
pub(super) struct SpareSpans {
    spans: Mutex<Vec<Arc<HeldSpan>>>,
    most: usize,
}

impl SpareSpans {
    /// Creates a place for the memory of at most this many spans.
    pub(super) const fn new(most: usize) -> Self {
        Self { spans: Mutex::new(Vec::new()), most }
    }

    /// Takes all of it.
    pub(super) fn take(&self) -> Vec<Arc<HeldSpan>> {
        std::mem::take(&mut *self.spans.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps the memory of spans that are settled, and frees what is too much.
    pub(super) fn put(&self, mut settled: Vec<Arc<HeldSpan>>) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        settled.truncate(self.most.saturating_sub(spans.len()));
        if spans.is_empty() {
            *spans = settled;
        } else {
            spans.append(&mut settled);
        }
    }
}

/// Puts a span that left the queue into spare memory, if there is any.
pub(super) fn hold(queued: QueuedSpan, of: &Arc<Distribution>, spare: &mut Vec<Arc<HeldSpan>>) -> Arc<HeldSpan> {
    if let Some(mut span) = spare.pop()
        && let Some(place) = Arc::get_mut(&mut span)
    {
        place.become_another(queued, of);
        return span;
    }
    Arc::new(HeldSpan::new(queued, of))
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

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use opentelemetry_sdk::trace::Sampler;

    use super::{Distribution, HeldSpan, SpareSpans, drop_together, hold};
    use crate::clock::Clock;
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;
    use crate::span::fate::DropReason::Rejected;
    use crate::span::pipeline::Pipeline;
    use crate::span::record::{Origin, SpanRecord};
    use crate::span::sampling::RootSampler;
    use crate::span::settings::ExportSettings;

    /// Ends a span and takes it out of the queue.
    fn ended(pipeline: &Pipeline, of: &Arc<Distribution>) -> Arc<HeldSpan> {
        let origin = Origin::Foreign(Cow::Borrowed("a span"));
        let ids = SpanIds::root(|_| true);
        pipeline.push(Box::new(SpanRecord::new(origin, ids, SpanIds::NONE, PackedAttributes::default())));
        let mut held = Vec::new();
        let mut spare = of.spare.take();
        for chunk in of.open.take_queued(of.counts) {
            of.open.empty(chunk, |queued| held.push(hold(queued, of, &mut spare)));
        }
        of.spare.put(spare);
        held.pop().expect("it is sampled")
    }

    #[test]
    fn spans_are_counted_once_each_whoever_drops_them_last_and_leave_memory_for_the_next_ones() {
        static SPARE: SpareSpans = SpareSpans::new(2);
        let pipeline: &'static Pipeline = Box::leak(Box::new(Pipeline::new()));
        pipeline.open(RootSampler::parent_based(Sampler::AlwaysOn), ExportSettings::default());
        let (open, counts) = (pipeline.latest().expect("it is open"), &pipeline.counts);
        let of = Arc::new(Distribution { anchor: Clock::System.anchor(), open, counts, spare: &SPARE });
        let counted = || [counts.exported.load(Ordering::Relaxed), counts.dropped(Rejected), pipeline.held() as u64];

        let spans: Vec<_> = (0..4).map(|_| ended(pipeline, &of)).collect();
        assert!(spans[1].lose(Rejected));
        let (places, in_other_lane) = (spans.iter().map(Arc::as_ptr).collect::<Vec<_>>(), Arc::clone(&spans[3]));
        drop_together(Arc::new(spans));
        assert_eq!(counted(), [2, 1, 1], "another exporter has the last one");
        drop(in_other_lane);
        assert_eq!(counted(), [3, 1, 0]);

        let again = [(); 2].map(|()| ended(pipeline, &of));
        assert!(again.iter().all(|span| places[..2].contains(&Arc::as_ptr(span))), "the memory of two is kept");
        assert_eq!((again[0].record.ids.is_some(), counted()), (true, [3, 1, 2]));
        drop_together(Arc::new(again.into()));
        assert_eq!(counted(), [5, 1, 0], "a loss is that of the span that had the memory before");
    }
}
