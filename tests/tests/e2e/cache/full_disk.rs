//! A Redis whose disk is full: it refuses writes, and what it has is still used.

use std::time::{Duration, Instant};

use futures_executor::block_on;
use tta_runtime::block::{Block, Cache};
use tta_runtime::testing::Recording;

use super::work::{Counter, count, doubling, operations};
use crate::patience::wait_until;
use tests::redis_server::Server;

/// A cache in a server around work that doubles a number.
struct Subject<B> {
    recording: Recording,
    counter: Counter,
    cached: B,
}

fn subject(server: &Server) -> Subject<impl Block<u64, Output = u64, Error = String>> {
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let redis = server.redis().timeout(Duration::from_secs(10));
    let cached = doubling(&counter).with(Cache::redis(redis).named("full"));
    Subject { recording, counter, cached }
}

impl<B: Block<u64, Output = u64, Error = String>> Subject<B> {
    #[track_caller]
    fn ask(&self, numbers: std::ops::Range<u64>) {
        for number in numbers {
            assert_eq!(block_on(self.recording.scope(self.cached.run(number))), Ok(number * 2));
        }
    }

    /// Asks for 20 stored and for 20 new numbers, and checks that the former are found, and the latter made and not stored.
    #[track_caller]
    fn check_full(&self, stored: std::ops::Range<u64>, new: std::ops::Range<u64>) {
        let of = |operation| count(&self.recording, "redis", operation);
        let counts = || ["hit", "miss", "store", "store_error", "error"].map(of);
        let (before, made, start) = (counts(), self.counter.value(), Instant::now());
        self.ask(stored);
        self.ask(new);
        let grown: Vec<u64> = counts().iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(grown, [20, 20, 0, 20, 0], "{}", operations(&self.recording));
        assert_eq!(self.counter.value(), made + 20);
        // A refusal is an answer: no call waits for the time limit of 10 s.
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }
}

#[test]
fn a_server_that_cannot_save_refuses_writes_and_is_read_all_the_same() {
    // No file may grow: saving fails as on a full disk.
    let server = Server::start_after("trap '' XFSZ; ulimit -f 0", &["--save", "3600 1000000"]);
    let subject = subject(&server);
    subject.ask(0..20);
    assert_eq!(operations(&subject.recording), "redis miss 20, redis store 20");
    let _: String = server.command("BGSAVE", None::<&str>);
    wait_until("saving fails", || {
        server.command::<String>("INFO", "persistence").contains("rdb_last_bgsave_status:err")
    });
    subject.check_full(0..20, 100..120);
    // Refusals do not make a server count as down, however many they are, also for a program that connects only now.
    subject.check_full(0..20, 200..220);
    self::subject(&server).check_full(0..20, 200..220);

    // The disk has space again.
    let _: String = server.command("CONFIG", ["SET", "stop-writes-on-bgsave-error", "no"].as_slice());
    subject.ask(300..320);
    subject.ask(300..320);
    assert_eq!(count(&subject.recording, "redis", "store"), 40);
    assert_eq!(count(&subject.recording, "redis", "hit"), 60);
}

#[test]
fn a_server_whose_log_of_writes_is_full_refuses_writes_and_is_read_all_the_same() {
    // A file may have 64 blocks, which are 32 or 64 KiB by shell.
    let server = Server::start_after(
        "trap '' XFSZ; ulimit -f 64",
        &["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"],
    );
    let subject = subject(&server);
    subject.ask(0..20);
    assert_eq!(operations(&subject.recording), "redis miss 20, redis store 20");
    let mut number = 1_000;
    wait_until("the log is full", || {
        number += 1;
        subject.ask(number..number + 1);
        count(&subject.recording, "redis", "store_error") > 0
    });
    assert!(server.command::<String>("INFO", "persistence").contains("aof_last_write_status:err"));
    subject.check_full(0..20, 100..120);
    assert_eq!(count(&subject.recording, "redis", "error"), 0);
}
