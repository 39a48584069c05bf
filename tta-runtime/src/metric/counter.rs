//! Counters: numbers that only grow.

use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::lanes::Lanes;
use crate::clock::ClockAnchor;

/// Counts whole units of the metric: events, tokens or nano-dollars.
pub(crate) struct Counter {
    lanes: Lanes,
    exemplars: Exemplars,
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}

impl Counter {
    pub(crate) fn new() -> Self {
        Self { lanes: Lanes::new(1), exemplars: Exemplars::new() }
    }

    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.lanes.add(0, n);
    }

    /// Adds what a sampled call used, which becomes the exemplar.
    pub(crate) fn add_sampled(&self, n: u64, call: Sampled) {
        self.add(n);
        self.exemplars.put(0, 1, call, n);
    }

    /// Returns the latest exemplar, dated by the anchor.
    pub(crate) fn exemplar(&self, anchor: ClockAnchor) -> Option<Exemplar> {
        self.exemplars.read(anchor).into_iter().flatten().next()
    }

    pub(crate) fn value(&self) -> u64 {
        self.lanes.sum(0)
    }
}
