//! Counts of good items and of all items.

/// Counts of items: lines, of which those that tests execute are good, or mutants, of which those that tests catch are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of good items.
    pub good: u64,
    /// The number of all items.
    pub total: u64,
}

impl Counts {
    /// Returns the share of good items, `None` if there are no items.
    pub fn ratio(self) -> Option<f64> {
        (self.total > 0).then(|| self.good as f64 / self.total as f64)
    }
}
