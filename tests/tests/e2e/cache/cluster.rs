//! A cluster of six servers, one of which dies.

use std::time::{Duration, Instant};

use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

use super::work::{Counter, count, doubling, operations, timed};
use crate::patience::wait_until;
use tests::redis_cluster::{is_primary, start};
use tests::redis_server::Server;

const NUMBERS: u64 = 200;

fn subject(servers: &[Server]) -> (Recording, Counter, impl Block<u64, Output = u64, Error = String> + use<>) {
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let urls: Vec<String> = servers.iter().map(Server::url).collect();
    let redis = Redis::cluster(urls.iter().map(String::as_str)).expect("these are addresses");
    let cached = doubling(&counter).with(Cache::redis(redis.timeout(Duration::from_millis(200))).named("spread"));
    (recording, counter, cached)
}

#[test]
fn a_cluster_goes_on_when_a_server_dies_and_its_replica_takes_over() {
    let mut servers = start();
    let (recording, counter, cached) = subject(&servers);
    let ask_all = || {
        for number in 0..NUMBERS {
            assert_eq!(block_on(recording.scope(cached.run(number))), Ok(number * 2));
        }
    };
    ask_all();
    assert_eq!(operations(&recording), format!("redis miss {NUMBERS}, redis store {NUMBERS}"));
    let (other, _, of_other) = subject(&servers[4..]);
    for number in 0..NUMBERS {
        assert_eq!(block_on(other.scope(of_other.run(number))), Ok(number * 2));
    }
    assert_eq!(operations(&other), format!("redis hit {NUMBERS}"), "another process finds them all");
    for server in servers.iter().filter(|server| is_primary(server)) {
        assert!(server.command::<u64>("DBSIZE", None::<&str>) > 30, "the keys are spread");
    }

    let dying = servers.iter().position(is_primary).expect("there are primaries");
    servers.remove(dying).kill();
    let start = Instant::now();
    ask_all();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    let (hits, errors) = (count(&recording, "redis", "hit"), count(&recording, "redis", "error"));
    assert!(errors > 0 && hits > NUMBERS / 2, "the others are still asked: {}", operations(&recording));
    let asked_in_vain = timed(&recording, "redis", "error");
    assert!(asked_in_vain <= 15, "{asked_in_vain} of {errors} errors");

    wait_until("a replica has taken over", || servers.iter().filter(|server| is_primary(server)).count() == 3);
    wait_until("all keys are found again", || {
        let before = counter.value();
        ask_all();
        counter.value() == before
    });
    let errors = count(&recording, "redis", "error");
    ask_all();
    assert_eq!(count(&recording, "redis", "error"), errors);
    let evaluations = counter.value() as u64;
    assert!(evaluations <= count(&recording, "redis", "miss") + errors);
}

#[test]
fn a_cluster_goes_on_while_a_replica_takes_over_from_a_living_primary() {
    let servers = start();
    let (recording, counter, cached) = subject(&servers);
    let ask_all = || {
        for number in 0..NUMBERS {
            let start = Instant::now();
            assert_eq!(block_on(recording.scope(cached.run(number))), Ok(number * 2));
            // Twice the limit of a call, for a busy machine.
            assert!(start.elapsed() < Duration::from_secs(1), "{:?} for {number}", start.elapsed());
        }
    };
    ask_all();
    let replica = servers.iter().find(|server| !is_primary(server)).expect("there are replicas");
    let said: String = replica.command("CLUSTER", "FAILOVER");
    assert_eq!(said, "OK");
    wait_until("the replica has taken over", || {
        ask_all();
        is_primary(replica)
    });
    wait_until("all keys are found again", || {
        let before = counter.value();
        ask_all();
        counter.value() == before
    });
    let of = |operation| count(&recording, "redis", operation);
    let errors = of("error");
    ask_all();
    assert_eq!(of("error"), errors);
    let evaluations = counter.value() as u64;
    assert!(evaluations <= of("miss") + errors, "{evaluations} evaluations, {}", operations(&recording));
    // The others answer all the time: no more than a third of one round or two is lost.
    assert!(errors < NUMBERS, "{}", operations(&recording));
}
