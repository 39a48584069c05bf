//! Which lane a thread adds to: one that it has to itself where there is one left, else the one that threads share.

use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A lane that a thread may add to.
#[derive(Clone, Copy)]
pub(super) struct Lane(usize);

/// The lane of all threads that have none to themselves.
const SHARED: usize = 0;

/// Not yet asked for.
const UNKNOWN: usize = usize::MAX;

impl Lane {
    pub(super) fn index(self) -> usize {
        self.0
    }

    pub(super) fn is_exclusive(self) -> bool {
        self.0 != SHARED
    }
}

/// How many lanes there are: the shared one, one for each core, and two for threads beside those of the runtime; at most
/// 12, so that memory stays small on large machines, whose further threads share.
pub(super) fn lane_count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(4, |cores| (cores.get() + 3).min(12)))
}

thread_local! {
    static LANE: Cell<usize> = const { Cell::new(UNKNOWN) };
    static LEASE: Lease = Lease::take();
}

/// Returns the lane of the calling thread.
#[inline]
pub(super) fn lane_of_this_thread() -> Lane {
    let lane = LANE.get();
    Lane(if lane == UNKNOWN { lease() } else { lane })
}

#[cold]
fn lease() -> usize {
    // On a thread that is ending there is no lease to be had any more.
    let lane = LEASE.try_with(|lease| lease.0).unwrap_or(SHARED);
    LANE.set(lane);
    lane
}

/// Lanes that no thread has to itself. The lock orders what the last holder wrote before what the next one reads.
static FREE: Mutex<Option<Vec<usize>>> = Mutex::new(None);

/// A lane that a thread has until it ends.
struct Lease(usize);

impl Lease {
    fn take() -> Self {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let free = free.get_or_insert_with(|| (SHARED + 1..lane_count()).collect());
        Self(free.pop().unwrap_or(SHARED))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // What this thread still records while it ends goes to the shared lane.
        LANE.set(SHARED);
        if self.0 != SHARED
            && let Some(free) = &mut *FREE.lock().unwrap_or_else(PoisonError::into_inner)
        {
            free.push(self.0);
        }
    }
}
