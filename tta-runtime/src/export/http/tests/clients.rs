//! Clients that are slow, and many; and the end of the server.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::collectors::{gated, wordy};
use super::wire::{End, PATIENCE, ask, get, reply, reply_and_end, rest, send};
use super::{Limits, Options, serve, serve_collector};
use crate::clock::Clock;
use crate::export::http::collection::Collector;
use crate::export::http::connection::accept;
use crate::export::http::guard::Guard;
use crate::export::http::host::Hosts;
use crate::export::http::pages::Pages;
use crate::export::http::seats::Seats;
use crate::recorder::Recorder;

#[test]
fn many_slow_senders_keep_no_scrape_out_and_are_closed_in_time() {
    let header = Duration::from_secs(1);
    let limits = Limits { header, request: 3 * header, connections: 32, ..Limits::default() };
    let server = serve(limits, Options::default());
    let senders: Vec<_> = (0..100).map(|_| send(server.address(), "GET /metrics HTTP/1.1\r\nHos")).collect();
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
    let last = senders.last().expect("there are some");
    last.set_nonblocking(true).expect("it is a socket");
    assert!(last.peek(&mut [0; 1]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "the scrape had to wait");
    last.set_nonblocking(false).expect("it is a socket");

    // The last ones kept their seats and are told; the others had to give way.
    let told = senders.into_iter().map(rest).filter(|(words, _)| words.starts_with(b"HTTP/1.1 408 ")).count();
    assert_eq!(told, 31);
}

#[test]
fn a_client_that_never_asks_is_closed_in_time() {
    let header = Duration::from_millis(50);
    let server = serve(Limits { header, request: 20 * header, ..Limits::default() }, Options::default());
    assert_eq!(reply(send(server.address(), "")).status, 408);
}

#[test]
fn a_slow_reader_is_closed_in_time() {
    let wordy = wordy();
    let patient = serve_collector(Limits::default(), wordy.clone());
    let begun = Instant::now();
    assert_eq!(get(patient.address(), "/metrics", &[]).status, 200);
    // The limit leaves time to collect and encode, on a busy machine too.
    let request = 3 * begun.elapsed() + Duration::from_millis(100);
    let limits = Limits { header: request, request, ..Limits::default() };
    let server = serve_collector(limits, wordy);
    let slow = ask(server.address(), "GET", "/metrics", &[]);
    let mut first = [0; 1];
    assert_eq!(slow.peek(&mut first).expect("the answer begins in time"), 1);
    // This one's time began later, and is over when the server closes it.
    rest(send(server.address(), ""));
    let (reply, end) = reply_and_end(slow);
    let length: usize = reply.header("content-length").and_then(|length| length.parse().ok()).expect("it is a number");
    assert!(reply.body.len() < length, "all of {length} bytes came");
    assert_eq!(end, End::Reset);
}

#[test]
fn a_client_that_ends_its_side_once_it_has_asked_gets_its_answer() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let scrape = ask(server.address(), "GET", "/metrics", &[]);
    scrape.shutdown(Shutdown::Write).expect("it is connected");
    gate.wait();
    // The server has one thread: it has seen the end when it answers this.
    assert_eq!(get(server.address(), "/healthz", &[]).status, 200);
    gate.open();
    assert_eq!(reply(scrape).status, 200);
}

#[test]
fn a_half_sent_request_gives_its_seat_to_a_scrape() {
    let server = serve(Limits { connections: 1, ..Limits::default() }, Options::default());
    let slow = send(server.address(), "GET /metrics HTTP/1.1\r\nHos");
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
    assert_eq!(rest(slow).0, b"");
}

#[tokio::test]
async fn a_request_that_came_with_its_connection_is_read_before_the_next_connection_takes_its_seat() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("it is a socket");
    let address = listener.local_addr().expect("it is bound");
    // Both wait at the door when the server begins.
    let requests = [(); 2].map(|()| ask(address, "GET", "/healthz", &[]));

    let hosts = Hosts::new(address.ip(), &[]).expect("the list is empty");
    let guard = Guard::new(hosts, None).expect("there is no token");
    let collector = Collector::new(Recorder::isolated(Clock::System), prometheus::Registry::new());
    let pages = Arc::new(Pages::new(guard, collector, PATIENCE));
    let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
    let serving = tokio::spawn(accept(listener, Limits::default(), Arc::new(Seats::new(1)), pages));
    let statuses = tokio::task::spawn_blocking(|| requests.map(|request| reply(request).status));
    assert_eq!(statuses.await.expect("both are answered"), [200, 200]);
    serving.abort();
}

#[test]
fn a_connection_beyond_the_limit_is_told_so_while_all_others_are_being_answered() {
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
fn stopping_is_announced_and_lets_a_scrape_end() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let address = server.address();
    let scrape = ask(address, "GET", "/metrics", &[]);
    gate.wait();
    let stopping = std::thread::spawn(move || server.stop(PATIENCE));
    // The server stops at some moment from now on, and goes on answering until the scrape has ended.
    while get(address, "/readyz", &[]).status != 503 {}
    gate.open();
    assert_eq!(reply(scrape).status, 200);
    stopping.join().expect("stopping does not panic");
    assert!(TcpListener::bind(address).is_ok(), "the port is still taken");
}

#[test]
fn stopping_waits_no_longer_than_its_deadline() {
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
fn stopping_does_not_wait_for_clients_that_have_not_asked() {
    let server = serve(Limits::default(), Options::default());
    let silent = send(server.address(), "GET ");
    let begun = Instant::now();
    server.stop(PATIENCE);
    assert!(begun.elapsed() < PATIENCE / 4);
    assert_eq!(rest(silent).0, b"");
}

#[tokio::test]
async fn a_server_can_be_started_and_dropped_inside_a_runtime() {
    let server = serve(Limits::default(), Options::default());
    let address = server.address();
    drop(server);
    // Dropping waits for the thread a few milliseconds at most, which a busy machine may exceed.
    let dropped = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(dropped.elapsed() < PATIENCE, "the server goes on");
    }
}
