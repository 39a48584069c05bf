//! The permits under every interleaving of threads: `permits.rs` compiled with loom's locks and atomics.

mod sync {
    pub(super) use loom::sync::Mutex;
    use loom::sync::MutexGuard;
    pub(super) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("nothing inside panics")
    }
}

use super::machine;

#[path = "permits.rs"]
#[expect(clippy::duplicate_mod, reason = "once with each kind of locks")]
#[allow(dead_code, reason = "the layer uses more of it")]
mod permits;

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;
use sync::{Mutex, lock};

use super::model::{at, policy};
use machine::{CircuitState, HealthSignal, Trip};
use permits::Permits;

/// Checks every interleaving with at most this many preemptions; `scripts/loom` raises the number.
fn check(body: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(2));
    model.check(body);
}

const FIRST_FAILURE: Trip = Trip::Consecutive(1);
const ANY_FAILURE: Trip = Trip::Rate { share: 0.1, window: Duration::from_secs(20), min_calls: 1 };

fn open(trip: Trip) -> Arc<Permits> {
    let permits = Arc::new(Permits::new(policy(trip, 1)));
    let ticket = permits.admit(|| at(0), drop).ticket.expect("it is closed");
    permits.settle(ticket, HealthSignal::Failure, || at(0), drop);
    assert_eq!(permits.state(), CircuitState::Open);
    permits
}

fn on_threads<T: 'static>(permits: &Arc<Permits>, act: fn(&Permits) -> T) -> Vec<T> {
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let permits = Arc::clone(permits);
            thread::spawn(move || act(&permits))
        })
        .collect();
    let mine = act(permits);
    threads.into_iter().map(|thread| thread.join().expect("no thread panics")).chain([mine]).collect()
}

#[test]
fn of_concurrent_calls_one_is_the_probe() {
    for trip in [FIRST_FAILURE, ANY_FAILURE] {
        check(move || one_is_the_probe(trip));
    }
}

fn one_is_the_probe(trip: Trip) {
    let permits = open(trip);
    let tickets: Vec<_> =
        on_threads(&permits, |permits| permits.admit(|| at(10), drop).ticket.ok()).into_iter().flatten().collect();
    assert_eq!(tickets.len(), 1);
    permits.settle(tickets[0], HealthSignal::Success, || at(11), drop);
    assert_eq!(permits.state(), CircuitState::Closed);
    assert!(permits.admit(|| at(11), drop).ticket.is_ok());
}

#[test]
fn a_freed_place_is_taken_once() {
    check(|| {
        let permits = open(FIRST_FAILURE);
        let probe = permits.admit(|| at(10), drop).ticket.expect("it has cooled down");
        let other = Arc::clone(&permits);
        let returning = thread::spawn(move || other.settle(probe, HealthSignal::Neutral, || at(11), drop));
        let admitted = on_threads(&permits, |permits| permits.admit(|| at(11), drop).ticket.is_ok());
        returning.join().expect("no thread panics");
        let admitted = admitted.into_iter().filter(|admitted| *admitted).count();
        // The ticket may return before both threads ask, between them, or after both.
        let left = usize::from(permits.admit(|| at(11), drop).ticket.is_ok());
        assert_eq!(admitted + left, 1);
    });
}

#[test]
fn a_success_in_flight_does_not_close_an_opened_circuit() {
    check(|| {
        let permits = Arc::new(Permits::new(policy(FIRST_FAILURE, 1)));
        let (early, other) = (permits.admit(|| at(0), drop).ticket.expect("it is closed"), Arc::clone(&permits));
        let succeeding = thread::spawn(move || other.settle(early, HealthSignal::Success, || at(1), drop));
        let ticket = permits.admit(|| at(0), drop).ticket.expect("it is closed");
        permits.settle(ticket, HealthSignal::Failure, || at(1), drop);
        succeeding.join().expect("no thread panics");
        assert_eq!(permits.state(), CircuitState::Open);
        assert_eq!(permits.admit(|| at(2), drop).ticket, Err(Duration::from_secs(9)));
    });
}

#[test]
fn changes_are_reported_in_their_order() {
    for trip in [FIRST_FAILURE, ANY_FAILURE] {
        check(move || {
            let permits = open(trip);
            let reported = Arc::new(Mutex::new(vec![CircuitState::Open]));
            let probing = {
                let (permits, reported) = (Arc::clone(&permits), Arc::clone(&reported));
                thread::spawn(move || probe(&permits, &reported, HealthSignal::Failure))
            };
            probe(&permits, &reported, HealthSignal::Success);
            probing.join().expect("no thread panics");
            assert_eq!(lock(&reported).last(), Some(&permits.state()));
        });
    }
}

/// Makes one call, and appends the new state of each change that it causes.
fn probe(permits: &Permits, reported: &Mutex<Vec<CircuitState>>, signal: HealthSignal) {
    let tell = |change: machine::Change| lock(reported).push(change.to);
    if let Ok(ticket) = permits.admit(|| at(10), tell).ticket {
        permits.settle(ticket, signal, || at(10), tell);
    }
}
