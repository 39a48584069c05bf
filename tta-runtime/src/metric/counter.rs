//! A number that only grows.

use super::lanes::Lanes;

/// Counts whole units; the metric's unit says what one is (an event, a token, a nano-dollar).
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
