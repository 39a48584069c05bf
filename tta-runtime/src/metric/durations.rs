//! The durations of all calls of a function in exponential buckets, those of successes apart from all others.

use super::grid::Grid;
use super::sketch::{ExponentialCounts, Sketch};
use crate::outcome::Outcome;

/// Counts durations in exponential buckets.
///
/// Memory for calls that are no success comes with the first of them.
pub(crate) struct Durations {
    successes: Sketch,
    others: Sketch,
}

impl Durations {
    pub(crate) const fn new(grid: &'static Grid) -> Self {
        Self { successes: Sketch::new(grid), others: Sketch::new(grid) }
    }

    #[inline]
    fn of(&self, outcome: Outcome) -> &Sketch {
        if outcome == Outcome::Success { &self.successes } else { &self.others }
    }

    #[inline]
    pub(crate) fn observe(&self, outcome: Outcome, nanoseconds: u64) {
        self.of(outcome).observe(nanoseconds);
    }

    /// Observes, and adds to a sum of its own.
    pub(super) fn observe_with_sum(&self, outcome: Outcome, nanoseconds: u64) {
        self.of(outcome).observe_with_sum(nanoseconds);
    }

    /// Returns the durations of successes, and those of all other calls.
    pub(crate) fn read_apart(&self) -> [ExponentialCounts; 2] {
        [self.successes.read(), self.others.read()]
    }

    /// Returns the durations of all calls.
    #[cfg(any(test, feature = "page"))]
    pub(crate) fn read(&self) -> ExponentialCounts {
        let mut all = self.successes.read();
        if !self.others.is_empty() {
            all.add(&self.others.read());
        }
        all
    }

    /// Returns the durations of all calls at the given ranks, from 0 to 1, in the unit of the metric; zero without calls.
    pub(crate) fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        self.successes.quantiles_with(&self.others, shares)
    }
}

#[cfg(test)]
mod tests {
    use super::Durations;
    use crate::metric::grid::OF_ONES;
    use crate::outcome::Outcome;

    #[test]
    fn successes_and_others_are_apart_and_together() {
        let durations = Durations::new(&OF_ONES);
        assert_eq!(durations.quantiles([0.5]), [0.0]);
        durations.observe_with_sum(Outcome::Success, 1);
        assert_eq!(durations.read().buckets, [(0, 1)]);
        for (outcome, n) in [(Outcome::Failure, 2), (Outcome::Cancelled, 1_024), (Outcome::Success, 1_024)] {
            durations.observe_with_sum(outcome, n);
        }
        let [successes, others] = durations.read_apart();
        assert_eq!((successes.buckets, successes.sum), (vec![(0, 1), (640, 1)], 1_025));
        assert_eq!((others.buckets, others.sum), (vec![(64, 1), (640, 1)], 1_026));
        let all = durations.read();
        assert_eq!((all.buckets, all.sum), (vec![(0, 1), (64, 1), (640, 2)], 2_051));
        let [least, half, most] = durations.quantiles([0.0, 0.5, 1.0]);
        assert!(least <= 1.0 && (1.9..=2.0).contains(&half) && (1_010.0..=1_024.0).contains(&most), "{half} {most}");
    }
}
