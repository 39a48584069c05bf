//! The lanes under every interleaving of threads: `lane.rs` and `free_lanes.rs` compiled with loom's locks and atomics.

mod sync {
    pub(super) use loom::sync::Mutex;
    use loom::sync::MutexGuard;
    pub(super) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("nothing inside panics")
    }
}

#[path = "free_lanes.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of locks")]
mod free_lanes;
#[path = "lane.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of atomics")]
mod lane;

use loom::sync::{Arc, Mutex};
use loom::thread;

use free_lanes::FreeLanes;
use lane::Lane;
use sync::Ordering;

/// An exclusive lane and a shared one: fewer than the threads of a model.
struct Recorder {
    free: FreeLanes<'static>,
    lanes: [&'static Lane; 2],
}

impl Recorder {
    fn new() -> Self {
        // A lane is never freed, as outside of the model.
        let lanes: [&'static Lane; 2] = [Box::leak(Box::new(Lane::exclusive())), Box::leak(Box::new(Lane::shared()))];
        for lane in lanes {
            lane.page(0).expect("there is memory");
        }
        Self { free: FreeLanes(Mutex::new(vec![lanes[0]])), lanes }
    }

    /// Adds numbers to one counter in a thread's lane, as a thread does until it ends.
    fn add_all(&self, numbers: &[u64]) {
        let lane = self.free.take().unwrap_or(self.lanes[1]);
        for &n in numbers {
            lane.add(lane.page(0).expect("it is there"), 0, n);
        }
        self.free.give_back(lane);
    }

    fn sum(&self) -> u64 {
        let counters = self.lanes.iter().filter_map(|lane| lane.existing_page(0)?.first());
        counters.map(|counter| counter.load(Ordering::Acquire)).sum()
    }
}

/// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
fn check(body: impl Fn(&Arc<Recorder>) + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(2));
    model.check(move || body(&Arc::new(Recorder::new())));
}

fn adding(recorder: &Arc<Recorder>, n: u64) -> thread::JoinHandle<()> {
    let recorder = Arc::clone(recorder);
    thread::spawn(move || recorder.add_all(&[n, n]))
}

#[test]
fn more_threads_than_lanes_lose_no_addition() {
    check(|recorder| {
        let others = [adding(recorder, 1), adding(recorder, 10)];
        recorder.add_all(&[100]);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(recorder.sum(), 122);
    });
}

#[test]
fn a_lane_that_is_given_back_goes_on_where_its_last_holder_ended() {
    check(|recorder| {
        recorder.add_all(&[1]);
        let other = adding(recorder, 10);
        recorder.add_all(&[100]);
        other.join().unwrap();
        assert_eq!(recorder.sum(), 121);
    });
}

#[test]
fn a_scrape_during_additions_never_goes_back() {
    check(|recorder| {
        let other = adding(recorder, 1);
        let first = recorder.sum();
        let second = recorder.sum();
        other.join().unwrap();
        assert!(first <= second && second <= recorder.sum(), "{first}, {second}");
        assert_eq!(recorder.sum(), 2);
    });
}
