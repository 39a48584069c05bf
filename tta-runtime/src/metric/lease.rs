//! The lease of a lane to a thread: an exclusive lane while there is one left, the shared lane otherwise.

use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A lane that a thread may add to.
#[derive(Clone, Copy)]
pub(super) struct Lane(usize);

/// The lane of all threads without an exclusive one.
const SHARED: usize = 0;

/// The thread has not asked for a lane yet.
const UNKNOWN: usize = usize::MAX;

impl Lane {
    pub(super) fn index(self) -> usize {
        self.0
    }

    pub(super) fn is_exclusive(self) -> bool {
        self.0 != SHARED
    }
}

/// Returns the number of lanes: the shared one, one per core, and two for threads outside of the async runtime.
///
/// At most 12, which bounds the memory on large machines: further threads share.
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
    // Thread locals are gone on a thread that is ending.
    let lane = LEASE.try_with(|lease| lease.0).unwrap_or(SHARED);
    LANE.set(lane);
    lane
}

/// The free lanes. The lock orders the writes of the last holder before the reads of the next one.
static FREE: Mutex<Option<Vec<usize>>> = Mutex::new(None);

/// A lane that a thread holds until it ends.
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
        // Later records of this ending thread go to the shared lane.
        LANE.set(SHARED);
        if self.0 != SHARED
            && let Some(free) = &mut *FREE.lock().unwrap_or_else(PoisonError::into_inner)
        {
            free.push(self.0);
        }
    }
}
