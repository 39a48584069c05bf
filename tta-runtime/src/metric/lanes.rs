//! Counters with a lane for each thread, so that cores do not contend for a cache line.

use super::lease::{lane_count, lane_of_this_thread};
use super::sync::{AtomicU64, Ordering};

/// The number of counters in a pair of cache lines.
const LINE: usize = 16;

/// Two cache lines: current x86 and Arm server cores fetch adjacent lines together.
#[repr(align(128))]
struct CacheLines([AtomicU64; LINE]);

/// A row of counters, stored once per lane and summed when read.
pub(crate) struct Lanes {
    lines: Box<[CacheLines]>,
    lines_per_lane: usize,
}

impl Lanes {
    /// Creates `width` counters, all zero.
    pub(crate) fn new(width: usize) -> Self {
        let lines_per_lane = width.div_ceil(LINE).max(1);
        let lines = (0..lane_count() * lines_per_lane).map(|_| CacheLines(Default::default())).collect();
        Self { lines, lines_per_lane }
    }

    /// Adds to one counter; a column beyond the width is ignored.
    #[inline]
    pub(crate) fn add(&self, column: usize, n: u64) {
        self.add_all([(column, n)]);
    }

    /// Adds to several counters; a column beyond the width is ignored.
    #[inline]
    pub(crate) fn add_all<const N: usize>(&self, additions: [(usize, u64); N]) {
        let lane = lane_of_this_thread();
        for (column, n) in additions {
            let line = lane.index() * self.lines_per_lane + column / LINE;
            if let Some(counter) = self.lines.get(line).and_then(|line| line.0.get(column % LINE)) {
                // Relaxed is enough: this counter orders no other memory, and a scrape may lag by one.
                if lane.is_exclusive() {
                    // No other thread writes here, so load and store need not be atomic together: five times faster.
                    counter.store(counter.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
                } else {
                    counter.fetch_add(n, Ordering::Relaxed);
                }
            }
        }
    }

    /// Returns the sum of one counter over all lanes.
    pub(crate) fn sum(&self, column: usize) -> u64 {
        self.lines
            .chunks(self.lines_per_lane)
            .filter_map(|lane| lane.get(column / LINE)?.0.get(column % LINE))
            // Acquire: a later read of another counter must not move before this one.
            .fold(0_u64, |sum, counter| sum.wrapping_add(counter.load(Ordering::Acquire)))
    }
}
