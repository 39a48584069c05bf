//! Concurrent calls for one key: the leader, its waiters, and who takes over.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use expect_test::expect;
use futures_util::FutureExt;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, Stream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use tta_runtime::block::{Block, BlockError, Cache, Memory, OnError, Timeout};
use tta_runtime::testing::Recording;

use super::work::{Counter, operations};

/// Work that starts, waits for a permit, and fails.
fn failing(begun: &Counter, gate: &Arc<Semaphore>) -> impl Block<u64, Output = u64, Error = String> + use<> {
    let (begun, gate) = (begun.clone(), Arc::clone(gate));
    move |_: u64| {
        begun.add();
        let gate = Arc::clone(&gate);
        async move {
            gate.acquire().await.expect("it stays open").forget();
            Err("overloaded".to_owned())
        }
    }
}

/// A cache whose waiters all run when a leader fails.
fn each_runs(name: &'static str) -> Cache<Memory> {
    Cache::memory(10).named(name).on_error(OnError::EachRuns)
}

/// Polls the calls that were woken until none makes progress; returns how many ended.
fn go_on<C: Future<Output = Result<u64, BlockError<String>>>>(calls: &mut FuturesUnordered<C>) -> usize {
    let mut ended = 0;
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(result)) = pin!(&mut *calls).poll_next(&mut cx) {
        assert_eq!(result, Err(BlockError::Inner("overloaded".to_owned())));
        ended += 1;
    }
    ended
}

#[test]
fn ten_thousand_waiters_of_a_failed_leader_cost_one_retry() {
    for (cache, evaluations) in [
        (Cache::memory(10), 2),
        (Cache::memory(10).on_error(OnError::Retry(0)), 1),
        (Cache::memory(10).on_error(OnError::Retry(3)), 4),
    ] {
        let (recording, begun, gate) = (Recording::new(), Counter::default(), Arc::new(Semaphore::new(0)));
        let cached = failing(&begun, &gate).with(cache.named("failing"));
        let mut calls: FuturesUnordered<_> = (0..10_000).map(|_| recording.scope(cached.run(3))).collect();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(&mut calls).poll_next(&mut cx).is_pending());
        gate.add_permits(10_000);
        let (mut failed, mut shared) = (0, 0);
        while let Poll::Ready(Some(result)) = pin!(&mut calls).poll_next(&mut cx) {
            match result {
                Err(BlockError::Inner(error)) if error == "overloaded" => failed += 1,
                Err(BlockError::LeaderFailed { attempts }) if attempts == evaluations => shared += 1,
                other => panic!("{other:?}"),
            }
        }
        let begun = u32::try_from(begun.value()).expect("it is small");
        assert_eq!((begun, failed, shared), (evaluations, evaluations, 10_000 - evaluations));
        let expected = format!("memory coalesced {shared}, memory miss {evaluations}");
        assert_eq!(operations(&recording), expected);
        assert!(format!("{cached:?}").contains("in_flight: 0"), "{cached:?}");
    }
}

#[test]
fn all_waiters_of_a_failed_leader_run_at_once_if_they_should() {
    let (recording, begun, gate) = (Recording::new(), Counter::default(), Arc::new(Semaphore::new(0)));
    let cached = failing(&begun, &gate).with(each_runs("failing"));
    let mut calls: FuturesUnordered<_> = (0..20).map(|_| recording.scope(cached.run(3))).collect();
    assert_eq!((go_on(&mut calls), begun.value()), (0, 1), "one works, and the others wait");
    gate.add_permits(1);
    assert_eq!((go_on(&mut calls), begun.value()), (1, 20), "it fails, and all others work");
    gate.add_permits(19);
    assert_eq!((go_on(&mut calls), begun.value()), (19, 20));
    expect!["memory miss 20"].assert_eq(&operations(&recording));
    assert!(format!("{cached:?}").contains("in_flight: 0"), "{cached:?}");
}

#[test]
fn one_waiter_takes_over_from_a_dropped_leader_and_the_others_keep_waiting() {
    let (recording, begun, gate) = (Recording::new(), Counter::default(), Arc::new(Semaphore::new(0)));
    let cached = failing(&begun, &gate).with(each_runs("failing"));
    let mut first = Box::pin(recording.scope(cached.run(3)));
    assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let mut calls: FuturesUnordered<_> = (0..19).map(|_| recording.scope(cached.run(3))).collect();
    assert_eq!((go_on(&mut calls), begun.value()), (0, 1));
    drop(first);
    assert_eq!((go_on(&mut calls), begun.value()), (0, 2), "one takes over");
    gate.add_permits(19);
    assert_eq!((go_on(&mut calls), begun.value()), (19, 20));
    expect!["memory miss 20"].assert_eq(&operations(&recording));
}

#[test]
fn a_call_after_a_failed_flight_leads_a_new_one() {
    let (recording, begun, gate) = (Recording::new(), Counter::default(), Arc::new(Semaphore::new(0)));
    let cached = failing(&begun, &gate).with(each_runs("failing"));
    let mut calls: FuturesUnordered<_> = (0..3).map(|_| recording.scope(cached.run(3))).collect();
    go_on(&mut calls);
    gate.add_permits(1);
    assert_eq!((go_on(&mut calls), begun.value()), (1, 3));
    let mut later: FuturesUnordered<_> = (0..3).map(|_| recording.scope(cached.run(3))).collect();
    assert_eq!((go_on(&mut later), begun.value()), (0, 4));
    // The waiters of the failed flight end, and the later calls still wait for the new leader.
    gate.add_permits(2);
    assert_eq!((go_on(&mut calls), go_on(&mut later), begun.value()), (2, 0, 4));
    assert!(format!("{cached:?}").contains("in_flight: 1"), "{cached:?}");
}

/// Panics without a message on standard error.
fn unwind() -> Result<u64, String> {
    std::panic::resume_unwind(Box::new("overloaded"))
}

#[test]
fn all_waiters_of_a_panicked_leader_run_at_once() {
    let (recording, begun, gate) = (Recording::new(), Counter::default(), Arc::new(Semaphore::new(0)));
    let work = {
        let (begun, gate) = (begun.clone(), Arc::clone(&gate));
        move |_: u64| {
            begun.add();
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.expect("it stays open").forget();
                unwind()
            }
        }
    };
    let cached = work.with(each_runs("panicking"));
    let call = async || match AssertUnwindSafe(recording.scope(cached.run(3))).catch_unwind().await {
        Ok(result) => panic!("{result:?}"),
        Err(payload) => {
            assert_eq!(payload.downcast_ref(), Some(&"overloaded"));
            Err(BlockError::Inner("overloaded".to_owned()))
        }
    };
    let mut calls: FuturesUnordered<_> = (0..20).map(|_| call()).collect();
    assert_eq!((go_on(&mut calls), begun.value()), (0, 1), "one works, and the others wait");
    gate.add_permits(1);
    assert_eq!((go_on(&mut calls), begun.value()), (1, 20), "it panics, and all others work");
    gate.add_permits(19);
    assert_eq!((go_on(&mut calls), begun.value()), (19, 20));
    expect!["memory miss 20"].assert_eq(&operations(&recording));
    assert!(format!("{cached:?}").contains("in_flight: 0"), "{cached:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_with_a_limit_succeed_again_after_an_outage_of_the_work() {
    let (recording, begun, start) = (Recording::new(), Counter::default(), Instant::now());
    let work = {
        let begun = begun.clone();
        move |number: u64| {
            begun.add();
            async move {
                sleep_until(start + Duration::from_secs(35)).await;
                sleep(Duration::from_millis(2_500)).await;
                Ok::<_, String>(number * 2)
            }
        }
    };
    let cached = work.with(Cache::memory(10).named("hot")).with(Timeout::after(Duration::from_millis(30_400)));
    // One call starts each second. The first leads until its limit, and then the newest waiter, which has the most time left.
    let calls = (0..100).map(|second| {
        let (cached, recording) = (&cached, &recording);
        async move {
            sleep(Duration::from_secs(second)).await;
            recording.scope(cached.run(3)).await
        }
    });
    let answers = join_all(calls).await;
    let failed: Vec<usize> = (0..100).filter(|call| answers[*call] != Ok(6)).collect();
    assert_eq!((failed, begun.value()), ((0..8).collect(), 2));
}
