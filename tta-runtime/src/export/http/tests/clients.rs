//! Slow clients, many clients and graceful shutdown.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::collectors::{gated, long_help};
use super::wire::{DEADLINE, End, ask, get, reply, reply_and_end, rest, send};
use super::{Limits, Options, serve, serve_collector};
use crate::clock::Clock;
use crate::export::http::accept::accept;
use crate::export::http::collection::Collector;
use crate::export::http::guard::{Guard, Paths};
use crate::export::http::host::Hosts;
use crate::export::http::pages::{MetricsPage, Pages};
use crate::export::http::seats::Seats;
use crate::export::http::status::{Service, Status};
use crate::recorder::Recorder;

#[test]
fn many_half_sent_requests_block_no_scrape_and_are_closed_at_their_deadline() {
    let header = Duration::from_secs(1);
    let limits = Limits { header, request: 3 * header, connections: 32, ..Limits::default() };
    let server = serve(limits, Options::default());
    let senders: Vec<_> = (0..100).map(|_| send(server.address(), "GET /metrics HTTP/1.1\r\nHos")).collect();
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
    let last = senders.last().expect("there are 100 senders");
    last.set_nonblocking(true).expect("the socket is open");
    assert!(last.peek(&mut [0; 1]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "the scrape waited");
    last.set_nonblocking(false).expect("the socket is open");

    // The latest senders keep their seats until their deadline and get a 408. The others are evicted.
    let timed_out = senders.into_iter().map(rest).filter(|(bytes, _)| bytes.starts_with(b"HTTP/1.1 408 ")).count();
    assert_eq!(timed_out, 31);
}

#[test]
fn a_client_without_a_request_is_closed_at_its_deadline() {
    let header = Duration::from_millis(50);
    let server = serve(Limits { header, request: 20 * header, ..Limits::default() }, Options::default());
    assert_eq!(reply(send(server.address(), "")).status, 408);
}

#[test]
fn a_slow_reader_is_closed_at_its_deadline() {
    let gauge = long_help();
    let patient = serve_collector(Limits::default(), gauge.clone());
    let begun = Instant::now();
    assert_eq!(get(patient.address(), "/metrics", &[]).status, 200);
    // The deadline leaves time to collect and encode, even on a busy machine.
    let request = 3 * begun.elapsed() + Duration::from_millis(100);
    let limits = Limits { header: request, request, ..Limits::default() };
    let server = serve_collector(limits, gauge);
    let slow = ask(server.address(), "GET", "/metrics", &[]);
    let mut first = [0; 1];
    assert_eq!(slow.peek(&mut first).expect("the response begins before the deadline"), 1);
    // The deadline of this connection is later, so that of the slow reader has passed when the server closes it.
    rest(send(server.address(), ""));
    let (reply, end) = reply_and_end(slow);
    let length: usize = reply.header("content-length").and_then(|length| length.parse().ok()).expect("a number");
    assert!(reply.body.len() < length, "all {length} bytes arrived");
    assert_eq!(end, End::Reset);
}

#[test]
fn a_client_that_shuts_down_its_write_side_after_the_request_gets_a_response() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let scrape = ask(server.address(), "GET", "/metrics", &[]);
    scrape.shutdown(Shutdown::Write).expect("the socket is connected");
    gate.wait();
    // The server has one thread, so it has seen the end of the input when it answers this request.
    assert_eq!(get(server.address(), "/healthz", &[]).status, 200);
    gate.open();
    assert_eq!(reply(scrape).status, 200);
}

#[test]
fn a_half_sent_request_is_evicted_for_a_scrape() {
    let server = serve(Limits { connections: 1, ..Limits::default() }, Options::default());
    let slow = send(server.address(), "GET /metrics HTTP/1.1\r\nHos");
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
    assert_eq!(rest(slow).0, b"");
}

#[tokio::test]
async fn a_request_that_arrives_with_its_connection_is_read_before_the_next_connection_can_evict_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("the socket is open");
    let address = listener.local_addr().expect("the listener is bound");
    // Both connections are in the backlog before the server accepts.
    let requests = [(); 2].map(|()| ask(address, "GET", "/healthz", &[]));

    let hosts = Hosts::new(address.ip(), &[]).expect("the list is empty");
    let guard = Guard::new(hosts, None, Paths::Metrics).expect("there is no token");
    let recorder = Recorder::isolated(Clock::System);
    let status = Status::new(Service::default(), recorder);
    let collector = Collector::new(recorder, prometheus::Registry::new());
    let pages = Arc::new(Pages::new(guard, MetricsPage::new(collector, DEADLINE), status, None));
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is nonblocking");
    let serving = tokio::spawn(accept(listener, Limits::default(), Arc::new(Seats::new(1)), pages, None));
    let statuses = tokio::task::spawn_blocking(|| requests.map(|request| reply(request).status));
    assert_eq!(statuses.await.expect("both are answered"), [200, 200]);
    serving.abort();
}

#[test]
fn a_connection_beyond_the_limit_gets_503_while_all_others_are_being_answered() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits { connections: 1, ..Limits::default() }, gated);
    let scrape = ask(server.address(), "GET", "/metrics", &[]);
    gate.wait();
    let refused = get(server.address(), "/healthz", &[]);
    assert_eq!((refused.status, refused.text()), (503, "There are too many connections.\n"));
    gate.open();
    assert_eq!(reply(scrape).status, 200);
    assert_eq!(get(server.address(), "/healthz", &[]).status, 200);
}

#[test]
fn graceful_shutdown_is_announced_and_lets_a_scrape_end() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let address = server.address();
    let scrape = ask(address, "GET", "/metrics", &[]);
    gate.wait();
    let stopping = std::thread::spawn(move || server.stop(DEADLINE));
    // The graceful shutdown starts at some point from here on, and the server answers until the scrape ends.
    while get(address, "/readyz", &[]).status != 503 {}
    gate.open();
    assert_eq!(reply(scrape).status, 200);
    stopping.join().expect("stopping does not panic");
    assert!(TcpListener::bind(address).is_ok(), "the port is still taken");
}

#[test]
fn graceful_shutdown_ends_at_its_deadline() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let scrape = ask(server.address(), "GET", "/metrics", &[]);
    gate.wait();
    let begun = Instant::now();
    server.stop(Duration::from_millis(100));
    assert!((Duration::from_millis(100)..Duration::from_secs(5)).contains(&begun.elapsed()));
    assert_eq!(rest(scrape).0, b"");
}

#[test]
fn graceful_shutdown_does_not_wait_for_half_sent_requests() {
    let server = serve(Limits::default(), Options::default());
    let silent = send(server.address(), "GET ");
    let begun = Instant::now();
    server.stop(DEADLINE);
    assert!(begun.elapsed() < DEADLINE / 4);
    assert_eq!(rest(silent).0, b"");
}

#[tokio::test]
async fn a_server_can_be_started_and_dropped_inside_a_runtime() {
    let server = serve(Limits::default(), Options::default());
    let address = server.address();
    drop(server);
    // Dropping waits a few milliseconds at most for the thread, which may need longer on a busy machine.
    let dropped = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(dropped.elapsed() < DEADLINE, "the server still accepts connections");
    }
}
