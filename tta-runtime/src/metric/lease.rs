//! The lease of a lane to a thread: an exclusive lane while there is one left, the shared lane otherwise.

use std::cell::Cell;
use std::sync::{LazyLock, OnceLock};

use super::free_lanes::{FreeLanes, Lane};

/// Returns the number of lanes: the shared one, one per core, and two for threads outside of the async runtime.
///
/// At most 12, which bounds the memory on large machines: further threads share.
pub(super) fn lane_count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(4, |cores| (cores.get() + 3).min(12)))
}

thread_local! {
    /// `None` if the thread has not asked for a lane yet.
    static LANE: Cell<Option<Lane>> = const { Cell::new(None) };
    static LEASE: Lease = Lease(FREE.take());
}

/// Returns the lane of the calling thread.
#[inline]
pub(super) fn lane_of_this_thread() -> Lane {
    LANE.get().unwrap_or_else(lease)
}

#[cold]
fn lease() -> Lane {
    // Thread locals are gone on a thread that is ending.
    let lane = LEASE.try_with(|lease| lease.0).unwrap_or(Lane::SHARED);
    LANE.set(Some(lane));
    lane
}

static FREE: LazyLock<FreeLanes> = LazyLock::new(|| FreeLanes::of(lane_count()));

/// A lane that a thread holds until it ends.
struct Lease(Lane);

impl Drop for Lease {
    fn drop(&mut self) {
        // Later records of this ending thread go to the shared lane.
        LANE.set(Some(Lane::SHARED));
        FREE.give_back(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{FreeLanes, Lane};
    use crate::metric::lanes::Lanes;

    #[test]
    fn a_lane_is_exclusive_until_it_is_given_back() {
        let free = FreeLanes::of(3);
        let taken = [free.take(), free.take(), free.take()];
        assert_eq!(taken.map(Lane::index), [2, 1, 0]);
        assert_eq!(taken.map(Lane::is_exclusive), [true, true, false]);
        let [first, _, shared] = taken;
        free.give_back(shared);
        free.give_back(first);
        assert_eq!([free.take(), free.take()].map(Lane::index), [2, 0]);
    }

    #[test]
    fn the_sum_has_the_additions_of_all_threads() {
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
