//! The lanes under every interleaving of threads: `lanes.rs` and `free_lanes.rs` compiled with loom's locks and atomics.

mod sync {
    pub(super) use loom::sync::Mutex;
    use loom::sync::MutexGuard;
    pub(super) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("nothing inside panics")
    }
}

/// Leases to loom's threads, of which there are more than lanes.
mod lease {
    use std::cell::Cell;

    use super::free_lanes::{FreeLanes, Lane};

    loom::thread_local! {
        static LANE: Cell<Lane> = Cell::new(Lane::SHARED);
    }

    /// The shared lane and another one.
    pub(super) fn lane_count() -> usize {
        2
    }

    pub(super) fn lane_of_this_thread() -> Lane {
        LANE.with(Cell::get)
    }

    /// Holds a lane while the body runs, as a thread does until it ends.
    pub(super) fn holding(free: &FreeLanes, body: impl FnOnce()) {
        let lane = free.take();
        LANE.with(|current| current.set(lane));
        body();
        LANE.with(|current| current.set(Lane::SHARED));
        free.give_back(lane);
    }
}

#[path = "free_lanes.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of locks")]
mod free_lanes;
#[path = "lanes.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of atomics")]
mod lanes;

use loom::sync::Arc;
use loom::thread;

use free_lanes::FreeLanes;
use lanes::Lanes;
use lease::{holding, lane_count};

/// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
fn check(body: impl Fn(&Arc<Lanes>, &Arc<FreeLanes>) + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(2));
    model.check(move || body(&Arc::new(Lanes::new(2)), &Arc::new(FreeLanes::of(lane_count()))));
}

fn adding(lanes: &Arc<Lanes>, free: &Arc<FreeLanes>, n: u64) -> thread::JoinHandle<()> {
    let (lanes, free) = (Arc::clone(lanes), Arc::clone(free));
    thread::spawn(move || {
        holding(&free, || {
            lanes.add(0, n);
            lanes.add(0, n);
        });
    })
}

#[test]
fn more_threads_than_lanes_lose_no_addition() {
    check(|lanes, free| {
        let others = [adding(lanes, free, 1), adding(lanes, free, 10)];
        holding(free, || lanes.add(0, 100));
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(lanes.sum(0), 122);
    });
}

#[test]
fn a_lane_that_is_given_back_goes_on_where_its_last_holder_ended() {
    check(|lanes, free| {
        holding(free, || lanes.add(0, 1));
        let other = adding(lanes, free, 10);
        holding(free, || lanes.add(0, 100));
        other.join().unwrap();
        assert_eq!(lanes.sum(0), 121);
    });
}

#[test]
fn a_scrape_during_additions_never_goes_back() {
    check(|lanes, free| {
        let other = adding(lanes, free, 1);
        let first = lanes.sum(0);
        let second = lanes.sum(0);
        other.join().unwrap();
        assert!(first <= second && second <= lanes.sum(0), "{first}, {second}");
        assert_eq!(lanes.sum(0), 2);
    });
}
