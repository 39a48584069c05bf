//! A Redis that is unreachable, silent or slow: the cost for calls, and the return to use.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

use super::work::{Counter, count, doubling, operations, timed};
use crate::patience::wait_until;
use tests::redis_server::Server;

/// A cache in Redis around work that doubles a number, and its counts.
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

    /// Returns the number of failed look-ups that asked the server.
    fn failed_requests(&self) -> u64 {
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
fn a_stopped_server_delays_five_calls_and_is_used_again_when_it_continues() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    subject.ask(1);
    server.stop();
    let start = Instant::now();
    (0..500).for_each(|number| subject.ask(number));
    let took = start.elapsed();
    assert_eq!((subject.errors(), subject.failed_requests()), (500, 5));
    // Five calls of 50 ms, and twice that on a busy machine. It would be 25 s if each call waited.
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
    assert!((1..=5).contains(&subject.failed_requests()), "{}", subject.failed_requests());
    server.restart();
    subject.wait_until_back();
    // The new server is empty.
    let done = subject.counter.value();
    subject.ask(7);
    subject.ask(7);
    assert_eq!(subject.counter.value(), done + 1);
}

#[test]
fn a_server_that_never_existed_delays_no_more_calls() {
    let mut server = Server::start(&[]);
    server.kill();
    let subject = subject(server.redis());
    (0..500).for_each(|number| subject.ask(number));
    assert_eq!((subject.errors(), subject.counter.value()), (500, 500));
    assert!(subject.failed_requests() <= 5, "{}", subject.failed_requests());
    server.restart();
    subject.wait_until_back();
}

#[test]
fn a_server_that_is_stopped_from_the_start_delays_no_more_calls() {
    let server = Server::start(&[]);
    server.stop();
    let subject = subject(server.redis());
    (0..500).for_each(|number| subject.ask(number));
    assert_eq!((subject.errors(), subject.failed_requests()), (500, 5));
    server.go_on();
    subject.wait_until_back();
}

#[test]
fn a_server_that_is_not_redis_delays_no_more_calls() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It accepts, sends garbage, and closes.
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
    assert!(subject.failed_requests() <= 5, "{}", subject.failed_requests());
    drop(subject);
    std::io::Write::write_all(&mut std::net::TcpStream::connect(address).unwrap(), b"quit").unwrap();
    nonsense.join().unwrap();
}

#[test]
fn late_replies_go_to_no_other_call() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    (0..50).for_each(|number| subject.ask(number));
    for round in 0..3 {
        // Requests wait at the server, and are answered after their calls have ended.
        let _: () = server.command("CLIENT", ("PAUSE", 120, "ALL"));
        (0..4).for_each(|number| subject.ask(number + round));
        (0..50).for_each(|number| subject.ask(number));
        subject.wait_until_back();
        (0..50).for_each(|number| subject.ask(number));
    }
    assert!(subject.failed_requests() > 0, "{}", operations(&subject.recording));
}

#[test]
fn the_timeout_limits_look_up_and_store_together() {
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
fn an_endless_timeout_fails_no_call() {
    let server = Server::start(&[]);
    let subject = subject(server.redis().timeout(Duration::MAX));
    subject.ask(1);
    subject.ask(1);
    assert_eq!(operations(&subject.recording), "redis hit 1, redis miss 1, redis store 1");
}

/// Polls a future at most this many times, whenever it is woken, and then drops it.
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
fn a_call_dropped_at_any_point_leaves_the_connection_intact() {
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
    // Look-up and store wait once each, so a call that is polled three times completes.
    assert!((100..=150).contains(&finished), "{finished}");
    assert_eq!(subject.errors(), 0);
}

#[test]
fn calls_on_many_threads_receive_their_own_outputs() {
    let server = Server::start(&[]);
    let redis = server.redis();
    thread::scope(|scope| {
        for offset in 0..8 {
            let redis = redis.clone();
            scope.spawn(move || {
                let subject = subject(redis);
                (0..500).for_each(|number| subject.ask((number * 7 + offset) % 600));
                // On a busy machine a call may wait too long, but none receives the reply of another.
                assert!(subject.failed_requests() < 100, "{}", operations(&subject.recording));
            });
        }
    });
}

#[test]
fn the_connection_outlives_the_runtime_of_its_first_call() {
    let server = Server::start(&[]);
    let subject = subject(server.redis());
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(subject.recording.scope(subject.cached.run(3))), Ok(6));
    }
    assert_eq!(operations(&subject.recording), "redis hit 2, redis miss 1, redis store 1");
}

#[test]
fn an_unused_connection_is_closed() {
    let server = Server::start(&[]);
    let connections = || {
        let clients: String = server.command("CLIENT", "LIST");
        // The connection that asks is one of them.
        clients.lines().count() - 1
    };
    let subject = subject(server.redis());
    subject.ask(1);
    assert_eq!(connections(), 1);
    drop(subject);
    wait_until("the connection is closed", || connections() == 0);
}
