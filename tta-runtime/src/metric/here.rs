//! The place where a thread adds: its lane, and the pages of it that the thread used last, found without the lane's table.

use std::cell::Cell;

use super::lane::{Lane, PAGE, Page};
use super::lease;

/// The number of pages that a thread keeps near: some calls take three.
const NEAR: usize = 16;

struct Here {
    /// `None` before the thread's first record.
    lane: Cell<Option<&'static Lane>>,
    /// Pages of the lane, each with its number, by the remainder of the number.
    near: [Cell<Option<(usize, &'static Page)>>; NEAR],
}

thread_local! {
    static HERE: Here = const { Here { lane: Cell::new(None), near: [const { Cell::new(None) }; NEAR] } };
}

/// Adds to the counter at this place in the lane of the calling thread.
#[inline]
pub(super) fn add(place: usize, n: u64) {
    if let Some((lane, page)) = page_here(place / PAGE) {
        lane.add(page, place % PAGE, n);
    }
}

/// Adds to the counters at these two places, of which mostly both are in one page: finding it takes longer than adding.
#[inline]
pub(super) fn add_both([(first, n), (second, m)]: [(usize, u64); 2]) {
    if first / PAGE != second / PAGE {
        add(first, n);
        return add(second, m);
    }
    if let Some((lane, page)) = page_here(first / PAGE) {
        lane.add(page, first % PAGE, n);
        lane.add(page, second % PAGE, m);
    }
}

/// Returns a page of the calling thread's lane; `None` only beyond all memory.
#[inline]
fn page_here(number: usize) -> Option<(&'static Lane, &'static Page)> {
    HERE.with(|here| {
        let lane = here.lane();
        Some((lane, here.page(lane, number)?))
    })
}

/// Makes the thread ask for a lane again: the one that it has is given back.
pub(super) fn leave_lane() {
    HERE.with(|here| {
        here.lane.set(None);
        here.near.iter().for_each(|near| near.set(None));
    });
}

impl Here {
    #[inline]
    fn lane(&self) -> &'static Lane {
        self.lane.get().unwrap_or_else(|| self.begin())
    }

    #[cold]
    fn begin(&self) -> &'static Lane {
        let lane = lease::lease();
        self.lane.set(Some(lane));
        lane
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of pages")]
    fn page(&self, lane: &'static Lane, number: usize) -> Option<&'static Page> {
        let near = &self.near[number % NEAR];
        match near.get() {
            Some((same, page)) if same == number => Some(page),
            _ => Self::far_page(near, lane, number),
        }
    }

    #[cold]
    fn far_page(
        near: &Cell<Option<(usize, &'static Page)>>,
        lane: &'static Lane,
        number: usize,
    ) -> Option<&'static Page> {
        let page = lane.page(number)?;
        near.set(Some((number, page)));
        Some(page)
    }
}
