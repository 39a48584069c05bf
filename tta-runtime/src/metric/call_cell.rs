//! The cell of one label set of a call site: calls started, and calls ended by outcome and duration.

use std::sync::{Arc, OnceLock};

use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::histogram::{Bounds, HistogramCounts};
use super::lanes::Lanes;
use super::sketch::{Sketch, keeps_exponential_counts};
use crate::clock::ClockAnchor;
use crate::label::top::Rising;
use crate::outcome::Outcome;

/// Counts the calls of one series.
///
/// An ended call adds to exactly one bucket of exactly one outcome. Executions by outcome, the duration histogram and calls
/// in progress are all derived from these counts, so they cannot disagree.
pub(crate) struct CallCell {
    bounds: Arc<Bounds>,
    /// The starts, the durations' sum, and the buckets of successes.
    successes: Lanes,
    /// The buckets of all other outcomes: most series never have one.
    others: OnceLock<Lanes>,
    exemplars: Exemplars,
    /// Empty until exponential buckets are wanted; `None` if another sketch has the same calls.
    exponential: Option<Sketch>,
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

    fn leave_out_running(&mut self, running: u64) {
        self.started = self.started.saturating_sub(running);
    }

    fn without_traces(mut self) -> Self {
        self.exemplars.fill(None);
        self
    }
}

const STARTED: usize = 0;
const SUM: usize = 1;
const BUCKETS: usize = 2;

impl CallCell {
    /// Creates a cell with these bounds, which count in nanoseconds.
    pub(crate) fn new(bounds: &Arc<Bounds>) -> Self {
        Self {
            bounds: Arc::clone(bounds),
            successes: Lanes::new(BUCKETS + bounds.buckets()),
            others: OnceLock::new(),
            exemplars: Exemplars::new(),
            exponential: None,
        }
    }

    /// Creates a cell whose calls no other sketch has.
    pub(crate) fn with_own_sketch(bounds: &Arc<Bounds>) -> Self {
        Self { exponential: Some(Sketch::new(bounds.grid)), ..Self::new(bounds) }
    }

    #[inline]
    pub(crate) fn start(&self) {
        self.successes.add(STARTED, 1);
    }

    #[inline]
    pub(crate) fn end(&self, outcome: Outcome, nanoseconds: u64) {
        let bucket = self.bounds.bucket(nanoseconds);
        if outcome == Outcome::Success {
            self.successes.add_all([(BUCKETS + bucket, 1), (SUM, nanoseconds)]);
        } else {
            self.successes.add(SUM, nanoseconds);
            let others = self.others.get_or_init(|| Lanes::new((Outcome::COUNT - 1) * self.bounds.buckets()));
            others.add(self.column_of_other(outcome) + bucket, 1);
        }
        if let Some(sketch) = &self.exponential
            && keeps_exponential_counts()
        {
            sketch.observe_with_sum(nanoseconds);
        }
    }

    /// Returns the number of ended calls.
    pub(crate) fn ended(&self) -> u64 {
        let buckets = self.bounds.buckets();
        let others = self.others.get().map_or(0, |others| others.total(0..(Outcome::COUNT - 1) * buckets));
        others + self.successes.total(BUCKETS..BUCKETS + buckets)
    }

    /// Stores a sampled call as the exemplar of its bucket.
    pub(crate) fn set_exemplar(&self, nanoseconds: u64, call: Sampled) {
        let buckets = self.bounds.buckets();
        self.exemplars.put(self.bounds.bucket(nanoseconds), buckets, call, nanoseconds);
    }

    /// Returns the counts; the anchor dates the exemplars.
    pub(crate) fn read(&self, anchor: ClockAnchor) -> CallCounts {
        let buckets = self.bounds.buckets();
        // Read before the buckets, which are counted first: the exponential ones never have a call more.
        let exponential = self.exponential.as_ref().filter(|_| keeps_exponential_counts()).map(Sketch::read);
        let mut counts = self.successes.sums(SUM..BUCKETS + buckets);
        let sum = counts.remove(0);
        let mut ended = [0; Outcome::COUNT];
        // Success is the first outcome.
        let [successes, bad @ ..] = &mut ended;
        *successes = counts.iter().sum();
        if let Some(others) = self.others.get() {
            let others = others.sums(0..(Outcome::COUNT - 1) * buckets);
            for (of_outcome, total) in others.chunks(buckets).zip(bad) {
                *total = of_outcome.iter().sum();
                counts.iter_mut().zip(of_outcome).for_each(|(count, n)| *count += n);
            }
        }
        // Read the starts last: a call that ends meanwhile counts as in progress, never as ended before its start.
        let started = self.successes.sum(STARTED);
        CallCounts {
            started,
            ended,
            duration: HistogramCounts { bounds: self.bounds.declared, counts, sum, exponential },
            exemplars: self.exemplars.read(anchor),
        }
    }

    fn column_of_other(&self, outcome: Outcome) -> usize {
        // Success is the first outcome.
        (outcome.index() - 1) * self.bounds.buckets()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::CallCell;
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
}
