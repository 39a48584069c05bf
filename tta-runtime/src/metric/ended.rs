//! Ended calls by outcome and duration.

use std::sync::OnceLock;

use super::lanes::Lanes;
use crate::outcome::Outcome;

/// Counts ended calls; a call adds to exactly one bucket of exactly one outcome. Has the starts, too, which a call finds in the same page.
pub(super) struct Ended {
    buckets: usize,
    /// The starts, and the durations' sum and the buckets of successes.
    successes: Lanes,
    /// The durations' sum of all other outcomes, and the buckets of each: most series never have one.
    others: OnceLock<Lanes>,
}

/// A reading of [`Ended`].
pub(super) struct EndedCounts {
    /// By outcome, in the order of [`Outcome::ALL`].
    pub(super) ended: [u64; Outcome::COUNT],
    pub(super) successes: BucketCounts,
    /// Calls of all other outcomes; `None` while there are none.
    pub(super) others: Option<BucketCounts>,
}

/// Calls by bucket, and the sum of their durations.
#[derive(Default)]
pub(super) struct BucketCounts {
    pub(super) buckets: Vec<u64>,
    pub(super) sum: u64,
}

impl EndedCounts {
    /// Adds the counts of the same buckets.
    pub(super) fn add(&mut self, other: Self) {
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, n)| *sum += n);
        self.successes.add(other.successes);
        match (&mut self.others, other.others) {
            (Some(others), Some(more)) => others.add(more),
            (others @ None, more) => *others = more,
            (Some(_), None) => {}
        }
    }
}

impl BucketCounts {
    fn add(&mut self, other: Self) {
        self.buckets.iter_mut().zip(other.buckets).for_each(|(sum, n)| *sum += n);
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

const STARTED: usize = 0;
const SUM: usize = 1;
const BUCKETS: usize = 2;

/// The place of the sum, and of the first bucket, among the other outcomes.
const OTHERS_SUM: usize = 0;
const OTHERS_BUCKETS: usize = 1;

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
            let others = self.others.get_or_init(|| Lanes::new(OTHERS_BUCKETS + OTHERS * self.buckets));
            // Success is the first outcome.
            let place = OTHERS_BUCKETS + (outcome.index() - 1) * self.buckets + bucket;
            others.add_both([(place, 1), (OTHERS_SUM, nanoseconds)]);
        }
    }

    /// Returns the number of ended calls.
    pub(super) fn total(&self) -> u64 {
        let others =
            self.others.get().map_or(0, |others| others.total(OTHERS_BUCKETS..OTHERS_BUCKETS + OTHERS * self.buckets));
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
        let others = self.others.get().map(|others| {
            let mut counts = others.sums(OTHERS_SUM..OTHERS_BUCKETS + OTHERS * self.buckets);
            let sum = counts.remove(OTHERS_SUM);
            let mut buckets = vec![0; self.buckets];
            for (of_outcome, total) in counts.chunks(self.buckets).zip(bad) {
                *total = of_outcome.iter().sum();
                buckets.iter_mut().zip(of_outcome).for_each(|(count, n)| *count += n);
            }
            BucketCounts { buckets, sum }
        });
        EndedCounts { ended, successes: BucketCounts { buckets, sum }, others }
    }
}
