//! The intake under every interleaving of threads: `intake.rs` compiled with loom's atomics and a queue of its locks.

mod sync {
    use std::collections::VecDeque;

    use loom::sync::Mutex;
    pub(super) use loom::sync::atomic::{AtomicBool, Ordering, fence};

    pub(super) struct SegQueue<T>(Mutex<VecDeque<T>>);

    impl<T> SegQueue<T> {
        pub(super) fn new() -> Self {
            Self(Mutex::new(VecDeque::new()))
        }

        pub(super) fn push(&self, item: T) {
            self.0.lock().unwrap().push_back(item);
        }

        pub(super) fn pop(&self) -> Option<T> {
            self.0.lock().unwrap().pop_front()
        }

        pub(super) fn len(&self) -> usize {
            self.0.lock().unwrap().len()
        }
    }
}

#[path = "intake.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of atomics")]
mod intake;

use loom::sync::Arc;
use loom::thread;

use intake::Intake;

/// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
fn check(body: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(body);
}

/// Pushes an item on another thread, which returns how many came back.
fn pushing(intake: &Arc<Intake<u32>>, item: u32) -> thread::JoinHandle<usize> {
    let intake = Arc::clone(intake);
    thread::spawn(move || usize::from(intake.push(item).is_err()))
}

fn drain(intake: &Intake<u32>) -> usize {
    std::iter::from_fn(|| intake.pop()).count()
}

#[test]
fn an_item_that_is_queued_during_the_shutdown_is_exported_or_comes_back() {
    check(|| {
        let intake = Arc::new(Intake::new());
        let calls = [pushing(&intake, 1), pushing(&intake, 2)];
        intake.close();
        let exported = drain(&intake);
        let returned: usize = calls.map(|call| call.join().unwrap()).into_iter().sum();
        assert_eq!((exported + returned, intake.len()), (2, 0));
    });
}

#[test]
fn after_the_shutdown_every_item_comes_back() {
    check(|| {
        let intake = Arc::new(Intake::new());
        intake.close();
        let calls = [pushing(&intake, 1), pushing(&intake, 2)];
        let returned: usize = calls.map(|call| call.join().unwrap()).into_iter().sum();
        assert_eq!((returned, drain(&intake)), (2, 0));
    });
}

#[test]
fn two_drains_and_a_call_lose_nothing_while_it_is_open() {
    check(|| {
        let intake = Arc::new(Intake::new());
        assert_eq!(intake.push(1), Ok(()));
        let call = pushing(&intake, 2);
        let flush = {
            let intake = Arc::clone(&intake);
            thread::spawn(move || drain(&intake))
        };
        let exported = drain(&intake);
        let exported = exported + flush.join().unwrap();
        assert_eq!(call.join().unwrap(), 0);
        assert_eq!(exported + drain(&intake), 2);
    });
}
