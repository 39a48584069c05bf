//! A Redis that is away, silent or slow: what it costs, and that it is used again when it is back.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

use super::server::Server;
use super::work::{Counter, count, doubling, operations, timed, wait_until};

/// A cache in Redis around work that doubles, and what it counts.
struct Subject<B> {
    recording: Recording,
    counter: Counter,
    cached: B,
}

fn subject(redis: Redis) -> Subject<impl Block<u64, Output = u64, Error = String>> {
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let cached = doubling(&counter).with(Cache::redis(redis).named("remote"));
    Subject { recording, counter, cached }
}

impl<B: Block<u64, Output = u64, Error = String>> Subject<B> {
    #[track_caller]
    fn ask(&self, number: u64) {
        assert_eq!(block_on(self.recording.scope(self.cached.run(number))), Ok(number * 2));
    }

    fn errors(&self) -> u64 {
        count(&self.recording, "redis", "error")
    }

    /// Returns how many failed look-ups had asked the server.
    fn asked_in_vain(&self) -> u64 {
        timed(&self.recording, "redis", "error")
    }

    /// Asks until the server is used again.
    #[track_caller]
    fn wait_until_back(&self) {
        wait_until("the server is asked again", || {
            let before = self.errors();
            self.ask(1_000_000);
            self.errors() == before
        });
    }
}

#[test]
fn a_stopped_server_costs_five_calls_their_patience_and_is_used_again_when_it_goes_on() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    subject.ask(1);
    server.stop();
    let start = Instant::now();
    (0..500).for_each(|number| subject.ask(number));
    let took = start.elapsed();
    assert_eq!((subject.errors(), subject.asked_in_vain()), (500, 5));
    // Five times 50 ms, and as much again for a busy machine; had each call waited, it were 25 s.
    assert!(took >= Duration::from_millis(250) && took < Duration::from_secs(3), "{took:?}");
    assert_eq!(subject.counter.value(), 501);
    server.go_on();
    subject.wait_until_back();
    subject.ask(1);
    assert!(count(&subject.recording, "redis", "hit") > 0, "{}", operations(&subject.recording));
}

#[test]
fn a_killed_server_is_noticed_at_once_and_a_new_one_in_its_place_is_used() {
    let mut server = Server::start(&[]);
    let subject = subject(server.redis());
    subject.ask(1);
    server.kill();
    (0..500).for_each(|number| subject.ask(number));
    assert_eq!(subject.errors(), 500);
    assert!((1..=5).contains(&subject.asked_in_vain()), "{}", subject.asked_in_vain());
    server.restart();
    subject.wait_until_back();
    // The new server is empty.
    let done = subject.counter.value();
    subject.ask(7);
    subject.ask(7);
    assert_eq!(subject.counter.value(), done + 1);
}

#[test]
fn a_server_that_was_never_there_costs_no_more() {
    let mut server = Server::start(&[]);
    server.kill();
    let subject = subject(server.redis());
    (0..500).for_each(|number| subject.ask(number));
    assert_eq!((subject.errors(), subject.counter.value()), (500, 500));
    assert!(subject.asked_in_vain() <= 5, "{}", subject.asked_in_vain());
    server.restart();
    subject.wait_until_back();
}

#[test]
fn a_server_that_is_stopped_from_the_start_costs_no_more() {
    let server = Server::start(&[]);
    server.stop();
    let subject = subject(server.redis());
    (0..500).for_each(|number| subject.ask(number));
    assert_eq!((subject.errors(), subject.asked_in_vain()), (500, 5));
    server.go_on();
    subject.wait_until_back();
}

#[test]
fn what_is_no_redis_costs_no_more() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It accepts, talks nonsense, and closes.
    let nonsense = thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4];
            if std::io::Read::read(&mut stream, &mut request).is_ok_and(|_| request == *b"quit") {
                return;
            }
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let subject = subject(Redis::server(&format!("redis://{address}")).unwrap());
    (0..100).for_each(|number| subject.ask(number));
    assert_eq!(subject.errors(), 100);
    assert!(subject.asked_in_vain() <= 5, "{}", subject.asked_in_vain());
    drop(subject);
    std::io::Write::write_all(&mut std::net::TcpStream::connect(address).unwrap(), b"quit").unwrap();
    nonsense.join().unwrap();
}

#[test]
fn answers_that_come_too_late_go_to_nobody_else() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    (0..50).for_each(|number| subject.ask(number));
    for round in 0..3 {
        // Requests wait at the server, and are answered after their callers have gone.
        let _: () = server.command("CLIENT", ("PAUSE", 120, "ALL"));
        (0..4).for_each(|number| subject.ask(number + round));
        (0..50).for_each(|number| subject.ask(number));
        subject.wait_until_back();
        (0..50).for_each(|number| subject.ask(number));
    }
    assert!(subject.asked_in_vain() > 0, "{}", operations(&subject.recording));
}

#[test]
fn a_patience_of_its_own_holds_for_looking_and_storing_together() {
    let server = Server::start(&[]);
    let subject = subject(server.redis().timeout(Duration::from_millis(300)));
    subject.ask(1);
    server.stop();
    let start = Instant::now();
    subject.ask(2);
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(290) && took < Duration::from_millis(600), "{took:?}");
    server.go_on();
}

#[test]
fn a_patience_without_end_is_none_that_a_call_fails_by() {
    let server = Server::start(&[]);
    let subject = subject(server.redis().timeout(Duration::MAX));
    subject.ask(1);
    subject.ask(1);
    assert_eq!(operations(&subject.recording), "redis hit 1, redis miss 1, redis store 1");
}

/// Polls a future so often, each time that it asks for it, and then drops it.
fn poll_times<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    block_on(poll_fn(|cx| {
        if polls == times {
            return Poll::Ready(None);
        }
        polls += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polls == times => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }))
}

#[test]
fn a_call_that_is_dropped_at_any_point_leaves_the_connection_to_the_others() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    subject.ask(0);
    let mut finished = 0;
    for round in 0..50 {
        for polls in 0..5 {
            let number = round * 10 + polls;
            let call = subject.recording.scope(subject.cached.run(number));
            match poll_times(call, polls as usize) {
                Some(answer) => {
                    assert_eq!(answer, Ok(number * 2));
                    finished += 1;
                }
                None => subject.ask(number),
            }
            subject.ask(round);
        }
    }
    // Looking and storing are one wait each: whoever is polled three times has come through.
    assert!((100..=150).contains(&finished), "{finished}");
    assert_eq!(subject.errors(), 0);
}

#[test]
fn callers_on_many_threads_get_their_own_answers() {
    let server = Server::start(&[]);
    let redis = server.redis();
    thread::scope(|scope| {
        for offset in 0..8 {
            let redis = redis.clone();
            scope.spawn(move || {
                let subject = subject(redis);
                (0..500).for_each(|number| subject.ask((number * 7 + offset) % 600));
                // A machine this busy may let a call wait too long, but none has another one's answer.
                assert!(subject.asked_in_vain() < 100, "{}", operations(&subject.recording));
            });
        }
    });
}

#[test]
fn the_connection_outlives_the_runtime_of_whoever_used_it_first() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(subject.recording.scope(subject.cached.run(3))), Ok(6));
    }
    assert_eq!(operations(&subject.recording), "redis hit 2, redis miss 1, redis store 1");
}

#[test]
fn a_connection_that_nobody_uses_any_more_is_closed() {
    let server = Server::start(&[]);
    let connections = || {
        let clients: String = server.command("CLIENT", "LIST");
        // The one that asks is one of them.
        clients.lines().count() - 1
    };
    let subject = subject(server.redis());
    subject.ask(1);
    assert_eq!(connections(), 1);
    drop(subject);
    wait_until("the connection is closed", || connections() == 0);
}
