//! The cache's ledger: look-ups = hits + misses + coalesced + errors, and no work without a miss or an error.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_executor::block_on;
use futures_util::FutureExt;
use futures_util::future::join_all;
use proptest::prelude::*;
use tta_runtime::block::{Block, Cache};
use tta_runtime::testing::Recording;

use super::work::{count, operations};
use tests::redis_server::Server;

/// One call, and how it ends.
#[derive(Clone, Debug)]
struct Call {
    key: u64,
    /// The number of times that the work yields before it ends.
    yields: u8,
    ends: End,
    /// The number of polls after which the caller drops the call.
    dropped_after: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Answer,
    Error,
    Panic,
}

#[derive(Clone, Debug)]
enum Step {
    /// Concurrent calls.
    Calls(Vec<Call>),
    /// Time passes, in seconds.
    Advance(u8),
    /// The values in Redis turn to garbage.
    Spoil,
    /// The values in Redis are lost.
    Flush,
}

fn call() -> impl Strategy<Value = Call> {
    let end = prop_oneof![6 => Just(End::Answer), 1 => Just(End::Error), 1 => Just(End::Panic)];
    (0_u64..4, 0_u8..4, end, proptest::option::weighted(0.3, 0_u8..8))
        .prop_map(|(key, yields, ends, dropped_after)| Call { key, yields, ends, dropped_after })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => proptest::collection::vec(call(), 1..8).prop_map(Step::Calls),
        2 => (0_u8..60).prop_map(Step::Advance),
        1 => Just(Step::Spoil),
        1 => Just(Step::Flush),
    ]
}

/// The events seen from outside of the cache.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    /// The calls whose work started.
    worked: HashSet<usize>,
    evaluations: u64,
    /// The calls that ended, or whose work started.
    looked_up: u64,
    calls: usize,
}

/// An input: the call's number, which is not part of the key, and the call.
type Input = (usize, Call);

fn work(seen: &Seen) -> impl Block<Input, Output = u64, Error = String> + use<> {
    let seen = seen.clone();
    move |(number, call): Input| {
        {
            let mut seen = seen.0.lock().unwrap();
            seen.evaluations += 1;
            seen.worked.insert(number);
        }
        async move {
            for _ in 0..call.yields {
                tokio::task::yield_now().await;
            }
            match call.ends {
                End::Answer => Ok(call.key * 2),
                End::Error => Err("the work failed".to_owned()),
                End::Panic => panic!("the work panicked"),
            }
        }
    }
}

/// Polls a future until it ends, or at most this many times.
async fn poll_at_most<F: Future>(future: F, polls: Option<u8>) -> Option<F::Output> {
    let mut future: Pin<Box<F>> = Box::pin(future);
    let mut left = polls;
    poll_fn(move |cx| {
        if left == Some(0) {
            return Poll::Ready(None);
        }
        left = left.map(|left| left - 1);
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

fn run(cached: &impl Block<Input, Output = u64, Error = String>, seen: &Seen, recording: &Recording, calls: Vec<Call>) {
    let calls = calls.into_iter().map(|call| {
        let number = {
            let mut seen = seen.0.lock().unwrap();
            seen.calls += 1;
            seen.calls
        };
        async move {
            let (key, polls) = (call.key, call.dropped_after);
            let ended = AssertUnwindSafe(poll_at_most(cached.run((number, call)), polls)).catch_unwind().await;
            if let Ok(Some(Ok(answer))) = &ended {
                assert_eq!(*answer, key * 2);
            }
            let mut seen = seen.0.lock().unwrap();
            if !matches!(ended, Ok(None)) || seen.worked.contains(&number) {
                seen.looked_up += 1;
            }
        }
    });
    block_on(recording.scope(join_all(calls)));
}

fn check(
    cached: &impl Block<Input, Output = u64, Error = String>,
    seen: &Seen,
    steps: Vec<Step>,
    server: Option<&Server>,
) -> Recording {
    let recording = Recording::new();
    for step in steps {
        match step {
            Step::Calls(calls) => run(cached, seen, &recording, calls),
            Step::Advance(seconds) => recording.advance(Duration::from_secs(seconds.into())),
            Step::Spoil => {
                for (server, key) in
                    server.iter().flat_map(|server| server.keys().into_iter().map(move |key| (server, key)))
                {
                    let _: () = server.command("SET", (key, "garbage"));
                }
            }
            Step::Flush => {
                if let Some(server) = server {
                    let _: () = server.command("FLUSHALL", None::<&str>);
                }
            }
        }
    }
    recording
}

fn total(recording: &Recording, cache_type: &str, what: &[&str]) -> u64 {
    what.iter().map(|operation| count(recording, cache_type, operation)).sum()
}

const LOOK_UPS: &[&str] = &["hit", "miss", "coalesced", "error"];

fn cache_key() -> impl Fn(&Input) -> u64 + Clone + Send + Sync {
    |(_, call): &Input| call.key
}

const TIME_TO_LIVE: Duration = Duration::from_secs(100);

#[test]
fn the_ledger_of_memory_balances() {
    proptest!(ProptestConfig::with_cases(256), |(steps in proptest::collection::vec(step(), 1..12))| {
        let seen = Seen::default();
        let cached = work(&seen).with(Cache::memory(3).named("kept").key(cache_key()).ttl(TIME_TO_LIVE));
        let recording = check(&cached, &seen, steps, None);
        let seen = seen.0.lock().unwrap();
        prop_assert_eq!(total(&recording, "memory", LOOK_UPS), seen.looked_up, "{}", operations(&recording));
        prop_assert!(seen.evaluations <= total(&recording, "memory", &["miss", "error"]));
        prop_assert!(total(&recording, "memory", &["store"]) <= seen.evaluations);
    });
}

#[test]
fn the_ledger_of_redis_balances() {
    let server = Server::start(&[]);
    let redis = server.redis();
    proptest!(ProptestConfig::with_cases(96), |(steps in proptest::collection::vec(step(), 1..12))| {
        let _: () = server.command("FLUSHALL", None::<&str>);
        let seen = Seen::default();
        let cache = Cache::redis(redis.clone()).named("kept").key(cache_key()).ttl(TIME_TO_LIVE);
        let cached = work(&seen).with(cache);
        let recording = check(&cached, &seen, steps, Some(&server));
        let seen = seen.0.lock().unwrap();
        prop_assert_eq!(total(&recording, "redis", LOOK_UPS), seen.looked_up, "{}", operations(&recording));
        prop_assert!(seen.evaluations <= total(&recording, "redis", &["miss", "error"]));
        prop_assert!(total(&recording, "redis", &["store", "store_error"]) <= seen.evaluations);
    });
}

#[test]
fn the_ledger_of_two_tiers_balances() {
    let server = Server::start(&[]);
    let redis = server.redis();
    proptest!(ProptestConfig::with_cases(96), |(steps in proptest::collection::vec(step(), 1..12))| {
        let _: () = server.command("FLUSHALL", None::<&str>);
        let seen = Seen::default();
        let cache = Cache::tiered(3, redis.clone()).named("kept").key(cache_key()).ttl(TIME_TO_LIVE);
        let cached = work(&seen).with(cache);
        let recording = check(&cached, &seen, steps, Some(&server));
        let seen = seen.0.lock().unwrap();
        let in_memory = total(&recording, "memory", &["hit", "coalesced"]);
        let in_redis = total(&recording, "redis", LOOK_UPS);
        prop_assert_eq!(in_memory + in_redis, seen.looked_up, "{}", operations(&recording));
        // A call that was dropped while it asked Redis had already missed in memory.
        prop_assert!(total(&recording, "memory", &["miss"]) >= in_redis);
        prop_assert!(seen.evaluations <= total(&recording, "redis", &["miss", "error"]));
    });
}
