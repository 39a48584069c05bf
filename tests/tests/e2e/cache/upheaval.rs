//! The cache's ledger while its Redis is killed, stopped, continued and restarted between the calls.

use futures_executor::block_on;
use futures_util::future::join_all;
use tta_runtime::block::{Block, Cache};
use tta_runtime::testing::Recording;

use super::work::{Counter, count, operations};
use crate::patience::wait_until;
use tests::redis_server::Server;

/// The state of the server's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    Runs,
    Stopped,
    Killed,
}

/// Moves the process to another state at random.
fn upset(server: &mut Server, process: Process, chance: &mut fastrand::Rng) -> Process {
    match (process, chance.bool()) {
        (Process::Runs, true) => {
            server.stop();
            Process::Stopped
        }
        // A stopped process can be killed, too.
        (Process::Runs | Process::Stopped, false) => {
            server.kill();
            Process::Killed
        }
        (Process::Stopped, true) => {
            server.go_on();
            Process::Runs
        }
        (Process::Killed, _) => {
            server.restart();
            Process::Runs
        }
    }
}

/// Work whose output tells its input.
fn answering(done: &Counter, cache: u64) -> impl Block<u64, Output = (u64, u64), Error = String> + use<> {
    let done = done.clone();
    move |number: u64| {
        done.add();
        async move { if number % 5 == 4 { Err(format!("no answer to {number}")) } else { Ok((cache, number)) } }
    }
}

fn check(seed: u64) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut server = Server::start(&[]);
    let redis = server.redis();
    let (recording, done) = (Recording::in_real_time(), [Counter::default(), Counter::default()]);
    // Two caches with the same keys; neither may return an output of the other.
    let caches = ["first", "second"].map(|name| Cache::redis(redis.clone()).named("upset").namespace(name).version(7));
    let mut number = 0;
    let cached = caches.map(|cache| {
        number += 1;
        answering(&done[number - 1], number as u64).with(cache)
    });
    let (mut process, mut looked_up) = (Process::Runs, 0);
    for step in 0..36 {
        if chance.u8(..3) == 0 {
            process = upset(&mut server, process, &mut chance);
        }
        let calls: Vec<(usize, u64)> = (0..chance.usize(1..8)).map(|_| (chance.usize(..2), chance.u64(..10))).collect();
        looked_up += calls.len() as u64;
        let asked = calls.iter().map(|(cache, key)| cached[*cache].run(*key));
        let answers = block_on(recording.scope(join_all(asked)));
        for ((cache, key), answer) in calls.iter().zip(answers) {
            let place = format!("seed {seed}, step {step}, {process:?}");
            match answer {
                Ok(answer) => assert_eq!(answer, (*cache as u64 + 1, *key), "{place}"),
                Err(error) => assert_eq!(error.to_string(), format!("no answer to {key}"), "{place}"),
            }
        }
        let of = |operations: &[&str]| -> u64 {
            operations.iter().map(|operation| count(&recording, "redis", operation)).sum()
        };
        let books = || format!("seed {seed}, step {step}, {process:?}: {}", operations(&recording));
        assert_eq!(of(&["hit", "miss", "coalesced", "error"]), looked_up, "{}", books());
        let evaluations = done.iter().map(Counter::value).sum::<usize>() as u64;
        assert!(evaluations <= of(&["miss", "error"]), "{evaluations} evaluations, {}", books());
        assert!(of(&["store", "store_error"]) <= evaluations, "{evaluations} evaluations, {}", books());
    }
    // Whatever happened to the server, it is used again once it is back.
    while process != Process::Runs {
        process = upset(&mut server, process, &mut chance);
    }
    let hits = || count(&recording, "redis", "hit");
    let before = hits();
    wait_until("an answer is found again", || {
        assert_eq!(block_on(recording.scope(cached[0].run(1))), Ok((1, 1)));
        hits() > before
    });
}

#[test]
fn the_ledger_balances_whatever_happens_to_the_server_between_calls() {
    // Each seed is another order of events, and repeats exactly.
    for seed in [1, 2, 3, 4] {
        check(seed);
    }
}
