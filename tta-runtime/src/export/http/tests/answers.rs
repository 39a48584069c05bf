//! Responses to well-behaved clients.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;

use super::collectors::{PanicsOnce, gated};
use super::wire::{Reply, ask, get, reply, send};
use super::{Limits, Options, serve, serve_collector};
use crate::clock::Clock;
use crate::export::http::Server;
use crate::export::{openmetrics, text};
use crate::recorder::Recorder;

/// Returns the status, one header and the body of the response to a request without extra headers.
fn check(method: &str, path: &str, header: &str) -> (u16, Option<String>, String) {
    let server = serve(Limits::default(), Options::default());
    let reply = reply(ask(server.address(), method, path, &[]));
    (reply.status, reply.header(header).map(str::to_owned), reply.text().to_owned())
}

fn line(status: u16, header: &str, body: &str) -> (u16, Option<String>, String) {
    (status, Some(header.to_owned()), format!("{body}\n"))
}

#[test]
fn a_running_server_is_healthy_and_ready() {
    assert_eq!(check("GET", "/healthz", "content-length"), line(200, "25", "The metrics server runs."));
    assert_eq!(check("GET", "/readyz", "cache-control"), line(200, "no-store", "The program is ready."));
}

#[test]
fn another_path_is_not_found() {
    let kind = "text/plain; charset=utf-8";
    assert_eq!(
        check("GET", "/", "content-type"),
        line(404, kind, "There are /metrics, /status, /healthz and /readyz.")
    );
}

#[test]
fn another_method_is_not_allowed_and_the_response_lists_the_allowed_ones() {
    assert_eq!(check("POST", "/metrics", "allow"), line(405, "GET, HEAD", "The methods are GET and HEAD."));
}

#[test]
fn a_refused_upload_gets_a_response() {
    let server = serve(Limits::default(), Options::default());
    let upload = format!("content-length: 12000\r\n\r\n{}", "u".repeat(12_000));
    let reply = reply(ask(server.address(), "PUT", "/metrics", &[&upload]));
    assert_eq!((reply.status, reply.text()), (405, "The methods are GET and HEAD.\n"));
}

#[test]
fn a_foreign_host_is_refused_and_a_listed_host_is_served() {
    let options = Options { allowed_hosts: vec!["metrics.example".to_owned()], ..Options::default() };
    let server = serve(Limits::default(), options);
    let ask = |host: &str| reply(send(server.address(), format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n")));
    let foreign = ask("attacker.example");
    assert_eq!((foreign.status, foreign.text()), (403, "This host is not among the allowed hosts.\n"));
    assert_eq!(["metrics.example:80", "localhost", "[::1]:9"].map(|host| ask(host).status), [200; 3]);
    assert_eq!(reply(send(server.address(), "GET /metrics HTTP/1.1\r\n\r\n")).status, 400);
}

#[test]
fn a_scrape_without_the_token_is_challenged() {
    let options = Options { bearer_token: Some("s3cret".to_owned()), ..Options::default() };
    let server = serve(Limits::default(), options);
    let scrape = |headers: &[&str]| {
        let reply = get(server.address(), "/metrics", headers);
        (reply.status, reply.header("www-authenticate").map(str::to_owned))
    };
    assert_eq!(scrape(&[]), (401, Some("Bearer".to_owned())));
    let wrong = Some("Bearer error=\"invalid_token\"".to_owned());
    assert_eq!(scrape(&["authorization: Bearer s3crets"]), (401, wrong));
    assert_eq!(scrape(&["authorization: Bearer s3cret"]), (200, None));
}

#[test]
fn the_status_needs_the_token_and_shows_no_value_of_a_variable() {
    let options = Options { bearer_token: Some("s3cret".to_owned()), ..Options::default() };
    let server = serve(Limits::default(), options);
    assert_eq!(get(server.address(), "/status", &[]).status, 401);
    let token = "authorization: Bearer s3cret";
    let status = || {
        let reply = get(server.address(), "/status", &[token]);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
        serde_json::from_str::<serde_json::Value>(reply.text()).expect("it is JSON")
    };
    let first = status();
    assert_eq!((&first["version"], &first["last_scrape_age_seconds"]), (&env!("CARGO_PKG_VERSION").into(), &().into()));
    assert!(
        first["variables"].as_array().expect("a list").iter().all(|name| !name.as_str().expect("a text").contains('='))
    );
    // The command that asks for the last scrape is none.
    get(server.address(), "/metrics", &[token, "user-agent: tta-doctor/1.0"]);
    assert!(status()["last_scrape_age_seconds"].is_null());
    get(server.address(), "/metrics", &[token]);
    let age = status()["last_scrape_age_seconds"].as_f64().expect("it was scraped");
    assert!((0.0..20.0).contains(&age), "{age}");
}

#[test]
fn the_head_is_limited_to_eight_kibibytes() {
    let server = serve(Limits::default(), Options::default());
    let status = |bytes: usize| {
        let start = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ";
        let end = "\r\n\r\n";
        reply(send(server.address(), format!("{start}{}{end}", "x".repeat(bytes - start.len() - end.len())))).status
    };
    assert_eq!([8_192, 8_193, 12_000].map(status), [200, 431, 431]);
}

/// Sends scrapes that share one collection, and returns the responses. The first scrape is the leader.
fn share<const N: usize>(scrapes: [(&str, &[&str]); N]) -> [Reply; N] {
    let (gated, gate) = gated();
    let server = serve_collector(Limits::default(), gated);
    let mut first = true;
    let streams = scrapes.map(|(method, headers)| {
        let stream = ask(server.address(), method, "/metrics", headers);
        if std::mem::take(&mut first) {
            gate.wait();
        }
        stream
    });
    // The server reads requests in order on one thread, so it has read the scrapes when it answers this request.
    assert_eq!(get(server.address(), "/healthz", &[]).status, 200);
    gate.open();
    let replies = streams.map(reply);
    assert!(!gate.has_more(), "a second collection began");
    replies
}

#[test]
fn concurrent_scrapes_share_a_collection_in_all_representations() {
    let openmetrics_accepted = "accept: application/openmetrics-text; version=1.0.0";
    let gzip_accepted = "accept-encoding: gzip";
    let replies = share([
        ("GET", &[]),
        ("GET", &[gzip_accepted]),
        ("GET", &[openmetrics_accepted]),
        ("GET", &[openmetrics_accepted, gzip_accepted]),
        ("GET", &["accept: */*"]),
    ]);
    let decoded = replies.each_ref().map(|reply| match reply.header("content-encoding") {
        Some("gzip") => {
            let mut decoded = String::new();
            GzDecoder::new(&*reply.body).read_to_string(&mut decoded).expect("the body is gzip");
            decoded
        }
        _ => reply.text().to_owned(),
    });
    assert_eq!(decoded[1], decoded[0]);
    assert_eq!(decoded[4], decoded[0]);
    assert_eq!(decoded[3], decoded[2]);
    assert!(decoded[2].ends_with("\n# EOF\n") && !decoded[0].contains("# EOF"));

    let described = replies.each_ref().map(|reply| (reply.header("content-type"), reply.header("content-encoding")));
    let (plain, rich) = (Some(text::CONTENT_TYPE), Some(openmetrics::CONTENT_TYPE));
    let gzip = Some("gzip");
    assert_eq!(described, [(plain, None), (plain, gzip), (rich, None), (rich, gzip), (plain, None)]);
}

#[test]
fn the_response_to_head_is_that_to_get_without_the_body() {
    let [get, head] = share([("GET", &[]), ("HEAD", &[])]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[test]
fn a_panic_while_collecting_fails_that_scrape_alone() {
    let server = serve_collector(Limits::default(), PanicsOnce::default());
    let reply = get(server.address(), "/metrics", &[]);
    assert_eq!((reply.status, reply.text()), (500, "Collecting the metrics panicked.\n"));
    assert_eq!(get(server.address(), "/metrics", &[]).status, 200);
}

#[test]
fn a_scrape_of_a_collector_that_hangs_gets_503() {
    let (gated, gate) = gated();
    let server = serve_collector(Limits { collection: Duration::from_millis(50), ..Limits::default() }, gated);
    let late = get(server.address(), "/metrics", &[]);
    assert_eq!((late.status, late.text()), (503, "Collecting the metrics takes too long.\n"));
    assert_eq!(get(server.address(), "/metrics", &[]).status, 503);
    gate.wait();
    assert!(!gate.has_more(), "a second collection began beside the one that hangs");
}

#[test]
fn a_port_in_use_is_an_error() {
    let server = serve(Limits::default(), Options::default());
    let recorder = Recorder::isolated(Clock::System);
    let second = Server::start(server.address(), Options::default(), recorder, prometheus::Registry::new());
    assert_eq!(second.expect_err("the port is in use").kind(), std::io::ErrorKind::AddrInUse);
}
