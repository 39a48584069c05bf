//! Ended calls by outcome and duration.

use std::sync::OnceLock;

use super::lanes::Lanes;
use crate::outcome::Outcome;

/// Counts ended calls; a call adds to exactly one bucket of exactly one outcome. Has the starts, too, which a call finds in the same page.
pub(super) struct Ended {
    buckets: usize,
    /// The starts, the durations' sum, and the buckets of successes.
    successes: Lanes,
    /// The buckets of all other outcomes: most series never have one.
    others: OnceLock<Lanes>,
}

/// A reading of [`Ended`].
pub(super) struct EndedCounts {
    /// By outcome, in the order of [`Outcome::ALL`].
    pub(super) ended: [u64; Outcome::COUNT],
    /// By bucket, of all outcomes.
    pub(super) buckets: Vec<u64>,
    pub(super) sum: u64,
}

impl EndedCounts {
    /// Adds the counts of the same buckets.
    pub(super) fn add(&mut self, other: Self) {
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, n)| *sum += n);
        self.buckets.iter_mut().zip(other.buckets).for_each(|(sum, n)| *sum += n);
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

const STARTED: usize = 0;
const SUM: usize = 1;
const BUCKETS: usize = 2;

/// The number of outcomes that are no success.
const OTHERS: usize = Outcome::COUNT - 1;

impl Ended {
    pub(super) fn new(buckets: usize) -> Self {
        Self { buckets, successes: Lanes::new(BUCKETS + buckets), others: OnceLock::new() }
    }

    #[inline]
    pub(super) fn start(&self) {
        self.successes.add(STARTED, 1);
    }

    #[inline]
    pub(super) fn add(&self, bucket: usize, outcome: Outcome, nanoseconds: u64) {
        if outcome == Outcome::Success {
            self.successes.add_both([(BUCKETS + bucket, 1), (SUM, nanoseconds)]);
        } else {
            self.successes.add(SUM, nanoseconds);
            let others = self.others.get_or_init(|| Lanes::new(OTHERS * self.buckets));
            // Success is the first outcome.
            others.add((outcome.index() - 1) * self.buckets + bucket, 1);
        }
    }

    /// Returns the number of ended calls.
    pub(super) fn total(&self) -> u64 {
        let others = self.others.get().map_or(0, |others| others.total(0..OTHERS * self.buckets));
        others + self.successes.total(BUCKETS..BUCKETS + self.buckets)
    }

    pub(super) fn started(&self) -> u64 {
        self.successes.sum(STARTED)
    }

    pub(super) fn read(&self) -> EndedCounts {
        let mut buckets = self.successes.sums(SUM..BUCKETS + self.buckets);
        let sum = buckets.remove(0);
        let mut ended = [0; Outcome::COUNT];
        // Success is the first outcome.
        let [successes, bad @ ..] = &mut ended;
        *successes = buckets.iter().sum();
        if let Some(others) = self.others.get() {
            let others = others.sums(0..OTHERS * self.buckets);
            for (of_outcome, total) in others.chunks(self.buckets).zip(bad) {
                *total = of_outcome.iter().sum();
                buckets.iter_mut().zip(of_outcome).for_each(|(count, n)| *count += n);
            }
        }
        EndedCounts { ended, buckets, sum }
    }
}
