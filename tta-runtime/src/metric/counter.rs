//! Counters: numbers that only grow.

use super::lanes::Lanes;

/// Counts whole units of the metric: events, tokens or nano-dollars.
pub(crate) struct Counter(Lanes);

impl Counter {
    pub(crate) fn new() -> Self {
        Self(Lanes::new(1))
    }

    pub(crate) fn add(&self, n: u64) {
        self.0.add(0, n);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.sum(0)
    }
}
