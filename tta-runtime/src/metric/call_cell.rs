//! The cell of one label set of a call site: calls started, and calls ended by outcome and duration.

use std::sync::{Arc, OnceLock};

use super::ended::{Ended, EndedCounts};
use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::histogram::{Bounds, HistogramCounts};
use super::sketch::{ExponentialCounts, Sketch, keeps_exponential_counts};
use crate::clock::ClockAnchor;
use crate::label::top::Rising;
use crate::outcome::Outcome;

/// Counts the calls of one series.
///
/// An ended call adds to exactly one bucket of exactly one outcome. Executions by outcome, the duration histogram and calls
/// in progress are all derived from these counts, so they cannot disagree.
pub(crate) struct CallCell {
    bounds: Arc<Bounds>,
    /// The ended calls; if they have exponential buckets of their own, those that ended before these were wanted.
    ended: Ended,
    exemplars: Exemplars,
    exponential: Exponential,
}

/// The exponential buckets of a series.
enum Exponential {
    /// Another sketch has the same calls.
    Elsewhere,
    /// The calls that ended since exponential buckets are wanted.
    Own(OnceLock<Box<Late>>),
}

/// Calls that ended, in both kinds of buckets.
struct Late {
    ended: Ended,
    sketch: Sketch,
}

/// A reading of a [`CallCell`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallCounts {
    pub(crate) started: u64,
    /// Ended calls by outcome, in the order of [`Outcome::ALL`].
    pub(crate) ended: [u64; Outcome::COUNT],
    /// Durations of calls of all outcomes.
    pub(crate) duration: HistogramCounts,
    /// The latest sampled call of each bucket.
    pub(crate) exemplars: Vec<Option<Exemplar>>,
}

impl CallCounts {
    /// Returns the number of calls in progress.
    pub(crate) fn active(&self) -> u64 {
        self.started.saturating_sub(self.ended.iter().sum())
    }

    /// Returns the counts with exponential buckets, also if these were not wanted yet when they were read.
    pub(crate) fn in_both_kinds(self) -> Self {
        Self { duration: self.duration.in_both_kinds(), ..self }
    }

    /// Returns the exemplars of calls that ended since an earlier reading.
    fn exemplars_since(&self, earlier: &Self) -> Vec<Option<Exemplar>> {
        let was_there = |bucket: usize, now: &Exemplar| {
            earlier.exemplars.get(bucket).is_some_and(|then| then.is_some_and(|then| then.span == now.span))
        };
        let since = |(bucket, now): (usize, &Option<Exemplar>)| now.filter(|now| !was_there(bucket, now));
        self.exemplars.iter().enumerate().map(since).collect()
    }
}

impl Rising for CallCounts {
    fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, n)| *sum += n);
        self.duration.add(&other.duration);
    }

    fn since(&self, earlier: &Self) -> Self {
        let mut ended = self.ended;
        ended.iter_mut().zip(earlier.ended).for_each(|(now, earlier)| *now = now.saturating_sub(earlier));
        Self {
            started: self.started.saturating_sub(earlier.started),
            ended,
            duration: self.duration.since(&earlier.duration),
            exemplars: self.exemplars_since(earlier),
        }
    }

    fn is_empty(&self) -> bool {
        self.started == 0 && self.ended.iter().all(|n| *n == 0)
    }

    fn running(&self) -> u64 {
        self.active()
    }

    fn without_traces(mut self) -> Self {
        self.exemplars.fill(None);
        self
    }

    fn in_present_form(self) -> Self {
        if keeps_exponential_counts() { self.in_both_kinds() } else { self }
    }
}

impl CallCell {
    /// Creates a cell with these bounds, which count in nanoseconds.
    pub(crate) fn new(bounds: &Arc<Bounds>) -> Self {
        Self {
            bounds: Arc::clone(bounds),
            ended: Ended::new(bounds.buckets()),
            exemplars: Exemplars::new(),
            exponential: Exponential::Elsewhere,
        }
    }

    /// Creates a cell whose calls no other sketch has.
    pub(crate) fn with_own_sketch(bounds: &Arc<Bounds>) -> Self {
        Self { exponential: Exponential::Own(OnceLock::new()), ..Self::new(bounds) }
    }

    #[inline]
    pub(crate) fn start(&self) {
        self.ended.start();
    }

    #[inline]
    pub(crate) fn end(&self, outcome: Outcome, nanoseconds: u64) {
        match &self.exponential {
            Exponential::Own(late) if keeps_exponential_counts() => self.end_late(late, outcome, nanoseconds),
            _ => self.ended.add(self.bounds.bucket(nanoseconds), outcome, nanoseconds),
        }
    }

    fn end_late(&self, late: &OnceLock<Box<Late>>, outcome: Outcome, nanoseconds: u64) {
        let late = late.get_or_init(|| {
            Box::new(Late { ended: Ended::new(self.bounds.buckets()), sketch: Sketch::new(self.bounds.grid) })
        });
        late.ended.add(self.bounds.bucket(nanoseconds), outcome, nanoseconds);
        late.sketch.observe_with_sum(nanoseconds);
    }

    /// Returns the number of ended calls.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.total() + self.late().map_or(0, |late| late.ended.total())
    }

    fn late(&self) -> Option<&Late> {
        match &self.exponential {
            Exponential::Own(late) => late.get().map(Box::as_ref),
            Exponential::Elsewhere => None,
        }
    }

    /// Stores a sampled call as the exemplar of its bucket.
    pub(crate) fn set_exemplar(&self, nanoseconds: u64, call: Sampled) {
        let buckets = self.bounds.buckets();
        self.exemplars.put(self.bounds.bucket(nanoseconds), buckets, call, nanoseconds);
    }

    /// Returns the counts; the anchor dates the exemplars.
    pub(crate) fn read(&self, anchor: ClockAnchor) -> CallCounts {
        match self.exponential {
            Exponential::Own(_) if keeps_exponential_counts() => self.read_both(anchor),
            _ => self.counts(self.ended.read(), None, anchor),
        }
    }

    /// Returns the counts in both kinds of buckets.
    fn read_both(&self, anchor: ClockAnchor) -> CallCounts {
        // Read before the others, which are counted first: the exponential buckets never have a call more.
        let late = self.late().map(|late| late.sketch.read());
        let early = self.ended.read();
        let exponential = self.bounds.exponential(&early.buckets, early.sum, late);
        self.counts(early, Some(exponential), anchor)
    }

    fn counts(&self, early: EndedCounts, exponential: Option<ExponentialCounts>, anchor: ClockAnchor) -> CallCounts {
        let mut counts = early;
        if let Some(late) = self.late() {
            counts.add(late.ended.read());
        }
        let EndedCounts { ended, buckets, sum } = counts;
        CallCounts {
            // Read the starts last: a call that ends meanwhile counts as in progress, never as ended before its start.
            started: self.ended.started(),
            ended,
            duration: HistogramCounts { bounds: Arc::clone(&self.bounds), counts: buckets, sum, exponential },
            exemplars: self.exemplars.read(anchor),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CallCell, Exponential};
    use crate::clock::Clock;
    use crate::metric::Bounds;
    use crate::outcome::Outcome;

    #[test]
    fn outcomes_durations_and_calls_in_progress_come_from_the_same_counts() {
        let cell = CallCell::new(&Arc::new(Bounds::new(&[0.001], 1e9)));
        for _ in 0..4 {
            cell.start();
        }
        cell.end(Outcome::Success, 500);
        cell.end(Outcome::Panicked, 2_000_000);
        cell.end(Outcome::Success, 1_500_000);
        let counts = cell.read(Clock::System.anchor());
        assert_eq!((counts.started, counts.ended, counts.active()), (4, [2, 0, 0, 0, 1], 1));
        assert_eq!((counts.duration.counts, counts.duration.sum), (vec![1, 2], 3_500_500));
    }

    #[test]
    fn calls_that_ended_before_exponential_buckets_were_wanted_are_in_both_kinds() {
        let cell = CallCell::with_own_sketch(&Arc::new(Bounds::new(&[0.001], 1e9)));
        let Exponential::Own(late) = &cell.exponential else { panic!("it has a sketch of its own") };
        (0..5).for_each(|_| cell.start());
        cell.end(Outcome::Success, 500);
        cell.end(Outcome::Failure, 3_000_000);
        cell.end_late(late, Outcome::Success, 1_000_000);
        cell.end_late(late, Outcome::Failure, 1_000_000);
        let counts = cell.read_both(Clock::System.anchor());
        assert_eq!((counts.started, counts.active(), cell.ended()), (5, 1, 4));
        assert_eq!((counts.ended[Outcome::Success.index()], counts.ended[Outcome::Failure.index()]), (2, 2));
        assert_eq!((counts.duration.counts, counts.duration.sum), (vec![3, 1], 5_000_500));
        let exponential = counts.duration.exponential.expect("it is kept");
        let ended: u64 = exponential.buckets.iter().map(|(_, n)| n).sum();
        assert_eq!((ended, exponential.buckets.len(), exponential.sum), (4, 2, 5_000_500));
        assert_eq!(exponential.buckets[0].1, 3, "the bound stands in for what took no longer");
    }
}
