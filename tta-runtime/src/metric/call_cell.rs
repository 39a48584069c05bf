//! The cell of one label set of a call site: calls started, and calls ended by outcome and duration.

use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::histogram::{Bounds, HistogramCounts};
use super::lanes::Lanes;
use crate::outcome::Outcome;

/// Counts the calls of one series.
///
/// An ended call adds to exactly one bucket of exactly one outcome. Executions by outcome, the duration histogram and calls
/// in progress are all derived from these counts, so they cannot disagree.
pub(crate) struct CallCell {
    bounds: Bounds,
    lanes: Lanes,
    exemplars: Exemplars,
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
}

const NANOSECONDS_PER_SECOND: f64 = 1e9;

const STARTED: usize = 0;
const SUM: usize = 1;
const BUCKETS: usize = 2;

impl CallCell {
    pub(crate) fn new(bounds: &'static [f64]) -> Self {
        let bounds = Bounds::new(bounds, NANOSECONDS_PER_SECOND);
        let lanes = Lanes::new(BUCKETS + Outcome::COUNT * bounds.buckets());
        Self { exemplars: Exemplars::new(bounds.buckets()), bounds, lanes }
    }

    #[inline]
    pub(crate) fn start(&self) {
        self.lanes.add(STARTED, 1);
    }

    #[inline]
    pub(crate) fn end(&self, outcome: Outcome, nanoseconds: u64) {
        self.lanes.add_all([(self.column(outcome, self.bounds.bucket(nanoseconds)), 1), (SUM, nanoseconds)]);
    }

    /// Returns the number of ended calls.
    pub(crate) fn ended(&self) -> u64 {
        (BUCKETS..BUCKETS + Outcome::COUNT * self.bounds.buckets()).map(|column| self.lanes.sum(column)).sum()
    }

    /// Stores a sampled call as the exemplar of its bucket.
    pub(crate) fn set_exemplar(&self, nanoseconds: u64, call: Sampled) {
        self.exemplars.put(self.bounds.bucket(nanoseconds), Exemplar { call, amount: nanoseconds });
    }

    pub(crate) fn read(&self) -> CallCounts {
        let mut ended = [0; Outcome::COUNT];
        let mut counts = vec![0; self.bounds.buckets()];
        for (&outcome, total) in Outcome::ALL.iter().zip(&mut ended) {
            for (bucket, count) in counts.iter_mut().enumerate() {
                let n = self.lanes.sum(self.column(outcome, bucket));
                *count += n;
                *total += n;
            }
        }
        let sum = self.lanes.sum(SUM);
        // Read the starts last: a call that ends meanwhile counts as in progress, never as ended before its start.
        let started = self.lanes.sum(STARTED);
        CallCounts {
            started,
            ended,
            duration: HistogramCounts { bounds: self.bounds.declared, counts, sum },
            exemplars: self.exemplars.read(),
        }
    }

    fn column(&self, outcome: Outcome, bucket: usize) -> usize {
        BUCKETS + outcome.index() * self.bounds.buckets() + bucket
    }
}

#[cfg(test)]
mod tests {
    use super::CallCell;
    use crate::outcome::Outcome;

    #[test]
    fn outcomes_durations_and_calls_in_progress_come_from_the_same_counts() {
        let cell = CallCell::new(&[0.001]);
        for _ in 0..4 {
            cell.start();
        }
        cell.end(Outcome::Success, 500);
        cell.end(Outcome::Panicked, 2_000_000);
        cell.end(Outcome::Success, 1_500_000);
        let counts = cell.read();
        assert_eq!((counts.started, counts.ended, counts.active()), (4, [2, 0, 0, 0, 1], 1));
        assert_eq!((counts.duration.counts, counts.duration.sum), (vec![1, 2], 3_500_500));
    }
}
