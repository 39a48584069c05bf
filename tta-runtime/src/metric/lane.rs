//! One lane: the counters that a thread adds to, in pages that exist once it needs them.

use std::sync::OnceLock;

use super::sync::{AtomicU64, Ordering};

/// The number of counters in a page.
pub(super) const PAGE: usize = 64;

/// The counters of a page.
///
/// Aligned to two cache lines: current x86 and Arm server cores fetch adjacent lines together, and a page belongs to one lane.
#[repr(align(128))]
pub(super) struct Page([AtomicU64; PAGE]);

/// A part of a lane's table of pages.
type Pages = Box<[OnceLock<Box<Page>>]>;

/// The number of pages in the first part of the table; each further part has twice as many.
const FIRST_PAGES: usize = 64;

/// The parts of the table. Together they hold 2^36 counters, more than a process has memory for.
const PARTS: usize = 24;

/// The counters of one thread, or of threads that share a lane.
pub(super) struct Lane {
    is_exclusive: bool,
    parts: [OnceLock<Pages>; PARTS],
}

impl Lane {
    /// Creates a lane that one thread at a time adds to.
    pub(super) const fn exclusive() -> Self {
        Self { is_exclusive: true, parts: [const { OnceLock::new() }; PARTS] }
    }

    /// Creates a lane that any number of threads add to.
    pub(super) const fn shared() -> Self {
        Self { is_exclusive: false, parts: [const { OnceLock::new() }; PARTS] }
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    /// Adds to a counter of a page of this lane.
    #[inline]
    pub(super) fn add(&self, page: &Page, index: usize, n: u64) {
        let Some(counter) = page.0.get(index) else { return };
        // Release: who sees that a call ended, sees that it started. A scrape may lag by one.
        if self.is_exclusive {
            // No other thread writes here, so load and store need not be atomic together: five times faster.
            counter.store(counter.load(Ordering::Relaxed).wrapping_add(n), Ordering::Release);
        } else {
            counter.fetch_add(n, Ordering::Release);
        }
    }

    /// Returns the counters of a page that something was added to.
    #[inline]
    pub(super) fn existing_page(&self, number: usize) -> Option<&[AtomicU64; PAGE]> {
        let (part, index) = part_of(number);
        self.parts.get(part)?.get()?.get(index)?.get().map(|page| &page.0)
    }

    /// Returns a page; `None` only beyond all memory.
    #[inline(never)]
    pub(super) fn page(&self, number: usize) -> Option<&Page> {
        let (part, index) = part_of(number);
        let pages = self.parts.get(part)?.get_or_init(|| (0..FIRST_PAGES << part).map(|_| OnceLock::new()).collect());
        Some(pages.get(index)?.get_or_init(|| Box::new(Page(std::array::from_fn(|_| AtomicU64::new(0))))))
    }
}

/// Returns the part of the table that has a page, and the page's index there.
#[inline]
fn part_of(number: usize) -> (usize, usize) {
    let part = (number / FIRST_PAGES + 1).ilog2() as usize;
    (part, number + FIRST_PAGES - (FIRST_PAGES << part))
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAGES, part_of};

    #[test]
    fn the_parts_of_the_table_follow_each_other() {
        let places: Vec<_> = (0..7 * FIRST_PAGES).map(part_of).collect();
        let expected = (0..3).flat_map(|part| (0..FIRST_PAGES << part).map(move |index| (part, index)));
        assert_eq!(places, expected.collect::<Vec<_>>());
    }
}
