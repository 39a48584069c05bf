//! The lease of a lane to a thread: an exclusive lane while there is one left, a shared lane otherwise.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::free_lanes::FreeLanes;
use super::here::leave_lane;
use super::lane::Lane;

/// The most threads that record at a time with a lane of their own. Lanes exist once a thread needs them.
pub(super) const EXCLUSIVE: usize = 256;

/// The most lanes for further threads, which spread over them.
const SHARED: usize = 16;

/// Every lane that was ever leased, in the order of their first lease. Lanes are never freed: they hold counts.
static LANES: [OnceLock<Box<Lane>>; EXCLUSIVE + SHARED] = [const { OnceLock::new() }; EXCLUSIVE + SHARED];

/// The number of lanes in [`LANES`].
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Iterates over every lane that may hold counts.
#[inline]
pub(super) fn lanes() -> impl Iterator<Item = &'static Lane> {
    LANES.iter().take(COUNT.load(Ordering::Acquire)).filter_map(OnceLock::get).map(Box::as_ref)
}

thread_local! {
    static LEASE: Lease = Lease::take();
}

/// Returns the lane of the calling thread, which holds it until it ends.
pub(super) fn lease() -> &'static Lane {
    // Thread locals are gone on a thread that is ending.
    LEASE.try_with(|lease| lease.0).unwrap_or_else(|_| leases().share())
}

static FREE: FreeLanes<'static> = FreeLanes(Mutex::new(Vec::new()));

/// The lanes that were created.
struct Leases {
    /// The number of exclusive lanes, free or leased.
    exclusive: usize,
    shared: Vec<&'static Lane>,
    /// The shared lane that the next thread without an exclusive one gets.
    next_shared: usize,
}

static LEASES: Mutex<Leases> = Mutex::new(Leases { exclusive: 0, shared: Vec::new(), next_shared: 0 });

fn leases() -> std::sync::MutexGuard<'static, Leases> {
    LEASES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Leases {
    /// Returns a new lane, or a shared one if there are too many.
    fn create(&mut self) -> &'static Lane {
        if self.exclusive < EXCLUSIVE {
            self.exclusive += 1;
            return create(Lane::exclusive());
        }
        self.share()
    }

    /// Returns one of the shared lanes, each in turn.
    #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of shared lanes")]
    fn share(&mut self) -> &'static Lane {
        if self.shared.len() < SHARED {
            self.shared.push(create(Lane::shared()));
        }
        self.next_shared = (self.next_shared + 1) % SHARED;
        self.shared[self.next_shared % self.shared.len()]
    }
}

/// Adds a lane to those that are read. Its caller holds the lock on the leases.
#[expect(clippy::indexing_slicing, reason = "the leases create no more lanes than there are places")]
fn create(lane: Lane) -> &'static Lane {
    let count = COUNT.load(Ordering::Relaxed);
    let lane = LANES[count].get_or_init(|| Box::new(lane));
    // Release: whoever reads the new count finds the lane.
    COUNT.store(count + 1, Ordering::Release);
    lane
}

/// A lane that a thread holds until it ends.
struct Lease(&'static Lane);

impl Lease {
    fn take() -> Self {
        Self(FREE.take().unwrap_or_else(|| leases().create()))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.0.is_exclusive() {
            // Later records of this ending thread go to a shared lane.
            leave_lane();
        }
        FREE.give_back(self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{FreeLanes, Lane};

    #[test]
    fn an_exclusive_lane_is_taken_once_until_it_is_given_back() {
        let (exclusive, shared) = (Lane::exclusive(), Lane::shared());
        let free = FreeLanes(Mutex::new(vec![&exclusive]));
        let taken = free.take().expect("one is free");
        assert!(taken.is_exclusive());
        assert!(free.take().is_none());
        free.give_back(&shared);
        assert!(free.take().is_none(), "a shared lane belongs to nobody");
        free.give_back(taken);
        assert!(free.take().is_some_and(Lane::is_exclusive));
    }
}
