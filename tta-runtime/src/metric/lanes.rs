//! Rows of counters in lanes, one for each thread, so that cores do not contend for a cache line.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::here;
use super::lane::PAGE;
use super::lease::lanes;

/// A row of counters: a range of places that is the same in every lane, and summed over all lanes when it is read.
///
/// The row itself holds no counts. A lane has memory for it once its thread adds to it.
pub(crate) struct Lanes {
    first: usize,
    width: usize,
}

impl Lanes {
    /// Creates `width` counters, all zero. Their places are never used for anything else.
    pub(crate) fn new(width: usize) -> Self {
        /// The first place that no row has.
        static FREE: AtomicUsize = AtomicUsize::new(0);
        // A row begins where a call finds all of it in as few pages as possible.
        let start = |free: usize| if free % PAGE + width > PAGE { free.next_multiple_of(PAGE) } else { free };
        let before = FREE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| Some(start(free) + width));
        Self { first: start(before.unwrap_or_default()), width }
    }

    /// Adds to one counter; a column beyond the width is ignored.
    #[inline]
    pub(crate) fn add(&self, column: usize, n: u64) {
        if column < self.width {
            here::add(self.first + column, n);
        }
    }

    /// Adds to two counters; nothing is added if a column is beyond the width.
    #[inline]
    pub(crate) fn add_both(&self, [(one, n), (other, m)]: [(usize, u64); 2]) {
        if one < self.width && other < self.width {
            here::add_both([(self.first + one, n), (self.first + other, m)]);
        }
    }

    /// Returns the sum of one counter over all lanes.
    pub(crate) fn sum(&self, column: usize) -> u64 {
        self.total(column..column + 1)
    }

    /// Returns the sum of several counters over all lanes.
    pub(crate) fn total(&self, columns: Range<usize>) -> u64 {
        let mut total = 0_u64;
        self.visit(columns, |_, n| total = total.wrapping_add(n));
        total
    }

    /// Returns the sum of each of several counters over all lanes.
    pub(crate) fn sums(&self, columns: Range<usize>) -> Vec<u64> {
        let mut sums = vec![0_u64; columns.len()];
        self.visit(columns, |index, n| {
            if let Some(sum) = sums.get_mut(index) {
                *sum = sum.wrapping_add(n);
            }
        });
        sums
    }

    /// Calls `visit` with the index of each counter among the columns, and with its number in each lane that has one.
    fn visit(&self, columns: Range<usize>, mut visit: impl FnMut(usize, u64)) {
        let (start, end) = (self.first + columns.start, self.first + columns.end.min(self.width));
        let mut place = start;
        while place < end {
            let number = place / PAGE;
            let of_page = place..end.min((number + 1) * PAGE);
            for page in lanes().filter_map(|lane| lane.existing_page(number)) {
                let counters = page.get(place % PAGE..).unwrap_or_default();
                for (place, counter) in of_page.clone().zip(counters) {
                    // Acquire: a later read of another counter must not move before this one.
                    visit(place - start, counter.load(Ordering::Acquire));
                }
            }
            place = of_page.end;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::Lanes;
    use crate::metric::lease::EXCLUSIVE;

    #[test]
    fn the_sum_has_the_additions_of_all_threads() {
        let lanes = Lanes::new(200);
        // More threads at once than have a lane of their own, and others after them.
        let threads = EXCLUSIVE + 40;
        for _ in 0..2 {
            let all_run = Barrier::new(threads);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        lanes.add(0, 1);
                        all_run.wait();
                        (0..100).for_each(|_| lanes.add_both([(199, 2), (3, 1)]));
                    });
                }
            });
        }
        let calls = 2 * threads as u64;
        assert_eq!((lanes.sum(0), lanes.sum(3), lanes.sum(199)), (calls, 100 * calls, 200 * calls));
        let mut expected = vec![0; 200];
        (expected[0], expected[3], expected[199]) = (calls, 100 * calls, 200 * calls);
        assert_eq!(lanes.sums(0..200), expected);
    }

    #[test]
    fn rows_share_no_counter() {
        let rows: Vec<Lanes> = [1, 40, 30, 64, 65, 1, 200].into_iter().map(Lanes::new).collect();
        for (row, n) in rows.iter().zip(1..) {
            (0..row.width).for_each(|column| row.add(column, n));
            row.add(row.width, 1_000);
        }
        for (row, n) in rows.iter().zip(1..) {
            assert_eq!(row.sums(0..row.width), vec![n; row.width]);
        }
    }
}
