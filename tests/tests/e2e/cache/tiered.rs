//! Memory in front of Redis.

use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

use super::work::{Counter, doubling, operations};
use tests::redis_server::Server;

#[test]
fn an_output_found_in_redis_alone_is_copied_to_memory() {
    let server = Server::start(&[]);
    let counter = Counter::default();
    let process = || {
        let cached = doubling(&counter).with(Cache::tiered(10, server.redis()).named("two"));
        (Recording::new(), cached)
    };
    let ((first, of_first), (second, of_second)) = (process(), process());
    for _ in 0..2 {
        assert_eq!(block_on(first.scope(of_first.run(3))), Ok(6));
    }
    expect!["memory hit 1, memory miss 1, memory store 1, redis miss 1, redis store 1"].assert_eq(&operations(&first));
    for _ in 0..2 {
        assert_eq!(block_on(second.scope(of_second.run(3))), Ok(6));
    }
    expect!["memory hit 1, memory miss 1, memory store 1, redis hit 1"].assert_eq(&operations(&second));
    assert_eq!(counter.value(), 1);
}

#[test]
fn memory_keeps_an_output_no_longer_than_redis() {
    let server = Server::start(&[]);
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached =
        || doubling(&counter).with(Cache::tiered(10, server.redis()).named("two").ttl(Duration::from_secs(600)));
    let first = cached();
    assert_eq!(block_on(recording.scope(first.run(3))), Ok(6));
    // Another process finds the output with one and a half of its ten minutes left.
    let _: () = server.command("PEXPIRE", (server.keys(), 90_000));
    let (recording, second) = (Recording::new(), cached());
    let ask = || {
        assert_eq!(block_on(recording.scope(second.run(3))), Ok(6));
        operations(&recording)
    };
    expect!["memory miss 1, memory store 1, redis hit 1"].assert_eq(&ask());
    recording.advance(Duration::from_secs(60));
    expect!["memory hit 1, memory miss 1, memory store 1, redis hit 1"].assert_eq(&ask());
    recording.advance(Duration::from_secs(30));
    expect!["memory expire 1, memory hit 1, memory miss 2, memory store 2, redis hit 2"].assert_eq(&ask());
    // In the process that stored the output it has all ten minutes.
    assert_eq!(block_on(recording.scope(first.run(3))), Ok(6));
    assert_eq!(counter.value(), 1);
}

#[test]
fn memory_works_without_redis() {
    let mut server = Server::start(&[]);
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::tiered(10, server.redis()).named("two"));
    server.kill();
    block_on(recording.scope(async {
        for number in [1, 2, 1, 2] {
            assert_eq!(cached.run(number).await, Ok(number * 2));
        }
    }));
    assert_eq!(counter.value(), 2);
    expect!["memory hit 2, memory miss 2, memory store 2, redis error 2, redis store_error 2"]
        .assert_eq(&operations(&recording));
}

#[test]
fn concurrent_calls_ask_redis_once() {
    let server = Server::start(&[]);
    let (recording, counter) = (Recording::new(), Counter::default());
    let begun = counter.clone();
    // However fast Redis replies, all other calls have joined before the work ends.
    let work = move |number: u64| {
        begun.add();
        tokio::task::yield_now().map(move |()| Ok::<_, String>(number * 2))
    };
    let cached = work.with(Cache::tiered(10, server.redis()).named("two"));
    let answers = block_on(recording.scope(join_all((0..20).map(|_| cached.run(3)))));
    assert_eq!((answers, counter.value()), (vec![Ok(6); 20], 1));
    expect!["memory coalesced 19, memory miss 1, memory store 1, redis miss 1, redis store 1"]
        .assert_eq(&operations(&recording));
}

#[test]
fn the_series_of_both_tiers_start_at_0_when_they_are_built() {
    // No call is made, so no server needs to listen.
    let redis = Redis::server("redis://127.0.0.1:1").unwrap();
    let recording = Recording::new();
    let cached = block_on(
        recording.scope(async { doubling(&Counter::default()).with(Cache::tiered(10, redis).named("unused")) }),
    );
    let series = recording.metrics("tta_cache_operations_total");
    let of = |cache_type: &str| {
        let lines = series.lines().filter(|line| line.contains(&format!("cache_type=\"{cache_type}\"")));
        let values = lines.filter_map(|line| line.split_once("operation=\"")?.1.split_once("\"}"));
        values.map(|(operation, value)| format!("{operation}{value}")).collect::<Vec<_>>().join(", ")
    };
    expect!["coalesced 0, evict 0, expire 0, hit 0, miss 0, store 0"].assert_eq(&of("memory"));
    expect!["coalesced 0, error 0, hit 0, miss 0, store 0, store_error 0, too_large 0"].assert_eq(&of("redis"));
    drop(cached);
}
