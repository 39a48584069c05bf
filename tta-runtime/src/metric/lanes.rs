//! Counters that every thread adds to in a lane of its own, so that cores do not fight over one cache line.

use std::sync::atomic::{AtomicU64, Ordering};

use super::lease::{lane_count, lane_of_this_thread};

const LINE: usize = 16;

/// Two cache lines: adjacent ones are fetched together on current x86 and Arm server cores.
#[repr(align(128))]
struct Line([AtomicU64; LINE]);

/// A row of counters, held once per lane and summed when read.
pub(crate) struct Lanes {
    lines: Box<[Line]>,
    lines_per_lane: usize,
}

impl Lanes {
    /// Makes `width` counters, all zero.
    pub(crate) fn new(width: usize) -> Self {
        let lines_per_lane = width.div_ceil(LINE).max(1);
        let lines = (0..lane_count() * lines_per_lane).map(|_| Line(Default::default())).collect();
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
                    // Nobody else writes here, so the read and the write need not be one step; that is five times
                    // faster.
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
            // Acquire keeps a later read of another counter from being moved before this one.
            .fold(0_u64, |sum, counter| sum.wrapping_add(counter.load(Ordering::Acquire)))
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;

    #[test]
    fn what_all_threads_add_is_in_the_sum() {
        let lanes = Lanes::new(20);
        // More threads than there are lanes, one after the other and at once.
        for _ in 0..20 {
            std::thread::scope(|scope| {
                for _ in 0..24 {
                    scope.spawn(|| (0..1_000).for_each(|_| lanes.add_all([(19, 2), (3, 1)])));
                }
            });
        }
        assert_eq!((lanes.sum(19), lanes.sum(3), lanes.sum(18), lanes.sum(20)), (960_000, 480_000, 0, 0));
    }
}
