//! The limit on the label sets of a metric. Beyond it, `Family::get` in `family.rs` returns the overflow series.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts the label sets of one metric against its limit.
pub(crate) struct SeriesLimit {
    limit: usize,
    used: AtomicUsize,
    overflowed: AtomicU64,
}

impl SeriesLimit {
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), overflowed: AtomicU64::new(0) }
    }

    /// Takes one of the remaining label sets; returns false if none is left.
    pub(crate) fn take(&self) -> bool {
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| (used < self.limit).then_some(used + 1))
            .is_ok()
    }

    /// Gives back a label set that was taken and not used.
    pub(crate) fn give_back(&self) {
        self.used.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a record in the overflow series.
    pub(crate) fn count_overflow(&self) {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of records in the overflow series.
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }
}
