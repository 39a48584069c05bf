//! How many label sets a metric may hold.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts the label sets of one metric against its limit.
pub(crate) struct SeriesLimit {
    limit: usize,
    used: AtomicUsize,
    refused: AtomicU64,
}

impl SeriesLimit {
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), refused: AtomicU64::new(0) }
    }

    /// Takes one place, or says that there is none left.
    pub(crate) fn take(&self) -> bool {
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| (used < self.limit).then_some(used + 1))
            .is_ok()
    }

    /// Gives back a place that turned out not to be needed.
    pub(crate) fn give_back(&self) {
        self.used.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a record that went to the overflow series.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many records went to the overflow series.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}
