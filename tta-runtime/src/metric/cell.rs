//! The cell of one label set.

use super::{Counter, Histogram};

/// The cell of one label set, looked up once and added to often.
#[derive(Clone, Copy)]
pub(crate) enum Cell {
    Counter(&'static Counter),
    Histogram(&'static Histogram),
}

impl Cell {
    /// Adds units of a counter, or observes a duration in nanoseconds.
    #[inline]
    pub(crate) fn add(self, n: u64) {
        match self {
            Self::Counter(counter) => counter.add(n),
            Self::Histogram(histogram) => histogram.observe(n),
        }
    }
}
