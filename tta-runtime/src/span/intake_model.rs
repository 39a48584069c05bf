//! The intake under every interleaving of threads: `intake.rs` and `chunk.rs` compiled with loom's locks.

mod sync {
    pub(super) use loom::sync::{Mutex, MutexGuard};
    pub(super) use loom::thread::yield_now;
    pub(super) use std::sync::{PoisonError, TryLockError};
}

#[path = "chunk.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of locks")]
mod chunk;
#[path = "intake.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of locks")]
mod intake;

use loom::sync::Arc;
use loom::thread;

use intake::Intake;

/// Items with some bytes each, in chunks of two; beside each part, the number of items that it took.
type Items = Intake<u8, usize>;

/// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
fn check(body: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(body);
}

/// Pushes an item as the thread of this number does; returns how many came back.
fn push(intake: &Items, number: usize, item: u8) -> usize {
    let mut part = intake.part(number);
    if !part.is_open() {
        return 1;
    }
    intake.push(&mut part, |place| *place = item, &vec![item; item.into()]);
    part.state += 1;
    0
}

/// Pushes an item on another thread, which returns how many came back.
fn pushing(intake: &Arc<Items>, number: usize, item: u8) -> thread::JoinHandle<usize> {
    let intake = Arc::clone(intake);
    thread::spawn(move || push(&intake, number, item))
}

/// Takes all items; returns how many there are, and how many of them the parts have counted since they were asked last.
fn drain(intake: &Items) -> [usize; 2] {
    let (mut taken, mut items, mut counted) = (Vec::new(), 0, 0);
    intake.each_part(|part| {
        intake.take(part, &mut taken);
        counted += std::mem::take(&mut part.state);
    });
    for mut chunk in taken {
        chunk.take(
            |item| usize::from(*item),
            |item, bytes| {
                assert_eq!(bytes, vec![item; item.into()]);
                items += 1;
            },
        );
        intake.give_back(chunk);
    }
    [items, counted]
}

fn close(intake: &Items) {
    intake.each_part(intake::Part::close);
}

#[test]
fn an_item_that_is_queued_during_the_shutdown_is_exported_or_comes_back() {
    check(|| {
        let intake = Arc::new(Items::new(2, 2));
        let calls = [pushing(&intake, 0, 1), pushing(&intake, 0, 2)];
        close(&intake);
        let [exported, counted] = drain(&intake);
        let returned: usize = calls.map(|call| call.join().unwrap()).into_iter().sum();
        assert_eq!((exported + returned, exported), (2, counted));
        assert_eq!(drain(&intake), [0, 0]);
    });
}

#[test]
fn after_the_shutdown_every_item_comes_back() {
    check(|| {
        let intake = Arc::new(Items::new(2, 2));
        close(&intake);
        let calls = [pushing(&intake, 0, 1), pushing(&intake, 1, 2)];
        let returned: usize = calls.map(|call| call.join().unwrap()).into_iter().sum();
        assert_eq!((returned, drain(&intake)), (2, [0, 0]));
    });
}

#[test]
fn two_drains_and_calls_lose_nothing_while_it_is_open() {
    check(|| {
        let intake = Arc::new(Items::new(2, 2));
        assert_eq!([push(&intake, 0, 1), push(&intake, 0, 2), push(&intake, 0, 3)], [0; 3]);
        let call = pushing(&intake, 0, 4);
        let flush = {
            let intake = Arc::clone(&intake);
            thread::spawn(move || drain(&intake))
        };
        let here = drain(&intake);
        let there = flush.join().unwrap();
        assert_eq!(call.join().unwrap(), 0);
        let rest = drain(&intake);
        let all = [here, there, rest].iter().fold([0, 0], |sum, [items, counted]| [sum[0] + items, sum[1] + counted]);
        assert_eq!(all, [4, 4]);
    });
}

#[test]
fn a_call_waits_for_nobody_who_has_its_part() {
    check(|| {
        let intake = Arc::new(Items::new(2, 2));
        let own = intake.part(0);
        assert_eq!(push(&intake, 0, 1), 0);
        let mut free = Vec::new();
        intake.each_free_part(|part| free.push(part.state));
        assert_eq!(free, [1]);
        drop(own);
        assert_eq!(drain(&intake), [1, 1]);
    });
}
