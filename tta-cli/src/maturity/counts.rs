//! How many of some things are good.

/// Things of which some are good: lines that tests run, changes that tests notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that are good.
    pub good: u64,
    /// All.
    pub total: u64,
}

impl Counts {
    /// Returns the share of good ones, `None` where there are none at all.
    pub fn ratio(self) -> Option<f64> {
        (self.total > 0).then(|| self.good as f64 / self.total as f64)
    }
}
