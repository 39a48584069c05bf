//! An answer of Redis that breaks off in the middle: the work runs instead, at once and with the right result.

use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use futures_util::future::join_all;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

use super::slow_answers::SlowAnswers;
use super::work::{Counter, count, operations};
use crate::patience::wait_until;
use tests::redis_server::Server;

/// Much more than the sockets between server and client hold, which is some 10 MiB each: the server has not sent the
/// answer when its first part arrives.
const LENGTH: usize = 48 << 20;

/// Much longer than everything here takes: no call may wait for it after the server has gone.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest time from the death of the server to the answers of all calls, on a busy machine.
const PROMPTLY: Duration = Duration::from_secs(10);

/// Work whose output is long, and different for each input.
fn long(counter: &Counter) -> impl Block<u8, Output = String, Error = String> + use<> {
    let counter = counter.clone();
    move |number: u8| {
        counter.add();
        async move { Ok::<_, String>(output(number)) }
    }
}

fn output(number: u8) -> String {
    let length = if number == 0 { LENGTH } else { 10 };
    char::from(b'a' + number).to_string().repeat(length)
}

#[test]
fn calls_that_wait_for_a_server_killed_in_the_middle_of_an_answer_run_their_work_at_once() {
    let mut server = Server::start(&["--proto-max-bulk-len", "100mb"]);
    let proxy = SlowAnswers::of(server.port());
    let redis = Redis::server(&proxy.url()).unwrap().timeout(TIMEOUT).longest_value(2 * LENGTH);
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let cached = long(&counter).with(Cache::redis(redis).named("long"));
    // The first answer is the long one; the others wait behind it on the same connection.
    const CALLS: u8 = 5;
    let ask_all = || {
        let answers = block_on(recording.scope(join_all((0..CALLS).map(|number| cached.run(number)))));
        for (number, answer) in (0..CALLS).zip(answers) {
            assert!(answer.is_ok_and(|answer| answer == output(number)), "answer {number}");
        }
    };
    ask_all();
    assert_eq!(operations(&recording), "redis miss 5, redis store 5");

    let killed = thread::scope(|scope| {
        let killing = scope.spawn(|| {
            proxy.wait_for(1 << 20);
            server.kill();
            Instant::now()
        });
        ask_all();
        let answered = Instant::now();
        (killing.join().expect("it is killed"), answered)
    });
    let took =
        killed.1.checked_duration_since(killed.0).expect("the server was killed before the answers were complete");
    assert!(took < PROMPTLY, "{took:?}");
    assert_eq!(operations(&recording), "redis error 5, redis miss 5, redis store 5, redis store_error 5");
    assert_eq!(counter.value(), 10);

    server.restart();
    wait_until("the server is used again", || {
        let before = count(&recording, "redis", "error");
        assert_eq!(block_on(recording.scope(cached.run(1))), Ok(output(1)));
        count(&recording, "redis", "error") == before
    });
    // The server was empty, and has the answer now.
    let done = counter.value();
    assert_eq!(block_on(recording.scope(cached.run(1))), Ok(output(1)));
    assert_eq!(counter.value(), done);
}

#[test]
fn an_answer_that_breaks_off_anywhere_is_an_error_and_the_next_one_is_right() {
    const SHORT: usize = 300_000;
    let server = Server::start(&[]);
    let proxy = SlowAnswers::of(server.port());
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let work = {
        let counter = counter.clone();
        move |letter: char| {
            counter.add();
            async move { Ok::<_, String>(letter.to_string().repeat(SHORT)) }
        }
    };
    let redis = Redis::server(&proxy.url()).unwrap().timeout(TIMEOUT);
    let cached = work.with(Cache::redis(redis).named("short"));
    let ask = |letter: char| {
        let answer = block_on(recording.scope(cached.run(letter)));
        assert!(answer.is_ok_and(|answer| answer == letter.to_string().repeat(SHORT)), "{letter}");
    };
    let of = |operation| count(&recording, "redis", operation);
    ask('a');
    ask('b');
    // In the length of the answer, at the begin and in the middle of the value, and after its end.
    for (round, bytes) in [1, 5, 12, 1_000, SHORT / 2, SHORT].into_iter().enumerate() {
        proxy.break_off_after(bytes);
        let (made, start) = (counter.value(), Instant::now());
        ask('a');
        assert!(start.elapsed() < PROMPTLY, "{bytes} bytes: {:?}", start.elapsed());
        assert_eq!((counter.value(), of("error")), (made + 1, of("store_error")), "{bytes} bytes");
        assert!(of("error") > round as u64, "{bytes} bytes: {}", operations(&recording));
        wait_until("the server is used again", || {
            let hits = of("hit");
            ask('b');
            of("hit") > hits
        });
    }
    assert_eq!(of("miss"), 2);
}
