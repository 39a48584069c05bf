//! The single flight under every interleaving of threads: `flight.rs` compiled with loom's locks.

#[path = "flight.rs"]
#[allow(clippy::duplicate_mod, reason = "once with each kind of locks")]
#[expect(dead_code, reason = "the layer uses more of it")]
mod flight;

mod sync {
    pub(super) use loom::sync::{Mutex, MutexGuard};
}

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use loom::future::block_on;
use loom::thread;

use flight::{Joined, SingleFlight};

use super::on_error::{self, OnError};

type Model = Arc<SingleFlight<&'static str, u32>>;

const KEY: &str = "k";

/// Checks every interleaving of a scenario.
fn check(scenario: impl Fn(Model) + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    // More preemptions take minutes with three threads; `scripts/loom` raises the number.
    model.preemption_bound.get_or_insert(3);
    model.check(move || {
        let flights: Model = Arc::new(SingleFlight::new());
        scenario(Arc::clone(&flights));
        assert_eq!(flights.len(), 0, "no key stays in flight");
    });
}

/// Joins a flight, and counts the call in `worked` if it ran the work.
fn run(flights: &Model, worked: &AtomicUsize) -> u32 {
    block_on(async {
        match flights.join(&Arc::new(KEY)).await {
            Joined::Found(found) => *found,
            Joined::Leader(lead) => {
                worked.fetch_add(1, Ordering::SeqCst);
                lead.publish(7);
                7
            }
            Joined::RunAlone | Joined::LeaderFailed(_) => {
                worked.fetch_add(1, Ordering::SeqCst);
                7
            }
        }
    })
}

#[test]
fn concurrent_calls_all_receive_the_output_of_a_leader() {
    check(|flights| {
        let worked = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (flights, worked) = (Arc::clone(&flights), Arc::clone(&worked));
                thread::spawn(move || run(&flights, &worked))
            })
            .collect();
        for other in others {
            assert_eq!(other.join().unwrap(), 7);
        }
        assert!((1..=2).contains(&worked.load(Ordering::SeqCst)));
    });
}

#[test]
fn there_is_one_leader_at_a_time() {
    check(|flights| {
        let leading = Arc::new(AtomicUsize::new(0));
        let lead = |flights: &Model, leading: &AtomicUsize| {
            block_on(async {
                if let Joined::Leader(_lead) = flights.join(&Arc::new(KEY)).await {
                    assert_eq!(leading.fetch_add(1, Ordering::SeqCst), 0);
                    thread::yield_now();
                    leading.fetch_sub(1, Ordering::SeqCst);
                }
            });
        };
        let other = {
            let (flights, leading) = (Arc::clone(&flights), Arc::clone(&leading));
            thread::spawn(move || lead(&flights, &leading))
        };
        lead(&flights, &leading);
        other.join().unwrap();
    });
}

#[test]
fn a_waiter_takes_over_from_a_leader_dropped_without_a_result() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        let worked = Arc::new(AtomicUsize::new(0));
        let other = {
            let (flights, worked) = (Arc::clone(&flights), Arc::clone(&worked));
            thread::spawn(move || run(&flights, &worked))
        };
        drop(lead);
        assert_eq!((other.join().unwrap(), worked.load(Ordering::SeqCst)), (7, 1));
    });
}

#[test]
fn a_dropped_waiter_passes_the_lead_on() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        let worked = Arc::new(AtomicUsize::new(0));
        let fickle = {
            let flights = Arc::clone(&flights);
            thread::spawn(move || {
                let key = Arc::new(KEY);
                let join = pin!(flights.join(&key));
                let _ = join.poll(&mut Context::from_waker(Waker::noop()));
            })
        };
        let patient = {
            let (flights, worked) = (Arc::clone(&flights), Arc::clone(&worked));
            thread::spawn(move || run(&flights, &worked))
        };
        drop(lead);
        fickle.join().unwrap();
        assert_eq!((patient.join().unwrap(), worked.load(Ordering::SeqCst)), (7, 1));
    });
}

#[test]
fn a_call_that_joins_after_publication_receives_the_output() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        lead.publish(7);
        let worked = AtomicUsize::new(0);
        assert_eq!((run(&flights, &worked), worked.load(Ordering::SeqCst)), (7, 0));
        drop(lead);
    });
}

#[test]
fn every_waiter_of_a_failed_leader_runs() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        let worked = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (flights, worked) = (Arc::clone(&flights), Arc::clone(&worked));
                thread::spawn(move || {
                    block_on(async {
                        match flights.join(&Arc::new(KEY)).await {
                            Joined::Found(_) => panic!("nothing was found"),
                            // A call that joins after the failure leads a new flight, and fails, too.
                            Joined::Leader(lead) => lead.fail(OnError::EachRuns),
                            Joined::RunAlone | Joined::LeaderFailed(_) => {}
                        }
                    });
                    worked.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        lead.fail(OnError::EachRuns);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(worked.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn a_failed_leader_does_not_remove_a_later_flight() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        let next = {
            let flights = Arc::clone(&flights);
            thread::spawn(move || {
                let key = Arc::new(KEY);
                let joined = block_on(flights.join(&key));
                if matches!(joined, Joined::Leader(_)) {
                    assert_eq!(flights.len(), 1, "later calls join the new leader");
                }
            })
        };
        lead.fail(OnError::EachRuns);
        next.join().unwrap();
    });
}

#[test]
fn one_waiter_retries_a_failed_flight_and_then_all_fail() {
    check(|flights| {
        let Joined::Leader(lead) = block_on(flights.join(&Arc::new(KEY))) else { panic!("the first call leads") };
        let runs = Arc::new(AtomicUsize::new(0));
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let (flights, runs) = (Arc::clone(&flights), Arc::clone(&runs));
                thread::spawn(move || match block_on(flights.join(&Arc::new(KEY))) {
                    Joined::Leader(lead) => {
                        runs.fetch_add(1, Ordering::Relaxed);
                        lead.fail(OnError::Retry(1));
                    }
                    Joined::LeaderFailed(failures) => assert_eq!(failures, 2),
                    Joined::Found(_) | Joined::RunAlone => panic!("nobody published, and nobody runs alone"),
                })
            })
            .collect();
        lead.fail(OnError::Retry(1));
        for waiter in waiters {
            waiter.join().unwrap();
        }
        // A call that came after the last failure leads a flight of its own, which it alone retries.
        assert!((1..=2).contains(&runs.load(Ordering::Relaxed)));
    });
}
