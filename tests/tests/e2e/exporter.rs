//! The metrics server of a whole program: `promtool` accepts its output, and it rejects foreign requests.
//!
//! Each function takes the address of a program's server, because a process can run only one.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The timeout of each wait for a socket.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn promtool_finds_nothing_wrong_with_the_metrics(address: SocketAddr) {
    // The second scrape shows the metrics of the first.
    check(address, &get(address, "/metrics"), "200 OK");
    let text = check(address, &get(address, "/metrics"), "200 OK");
    let build_info = format!("tta_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    assert!(text.lines().any(|line| line == build_info), "no {build_info} in\n{text}");
    assert!(text.lines().any(|line| line == "tta_telemetry_scrape_duration_seconds_count 1"), "{text}");

    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed: it comes with Prometheus");
    promtool.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("promtool reads");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{text}");
}

pub(crate) fn a_scraper_that_accepts_openmetrics_gets_it(address: SocketAddr) {
    let accept = "accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\n{accept}\r\n\r\n");
    let text = check(address, &request, "200 OK");
    assert!(text.ends_with("\n# EOF\n"), "{text}");
}

pub(crate) fn a_foreign_host_is_refused_on_every_path(address: SocketAddr) {
    for path in ["/metrics", "/healthz", "/readyz", "/other"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: attacker.example:{}\r\n\r\n", address.port());
        let body = check(address, &request, "403 Forbidden");
        assert_eq!(body, "This host is not among the allowed hosts.\n", "{path}");
    }
}

pub(crate) fn other_paths_are_not_found(address: SocketAddr) {
    for path in ["/nothing", "/metrics/", "/debug/pprof", "/metrics/../healthz"] {
        let body = check(address, &get(address, path), "404 Not Found");
        assert_eq!(body, "There are /metrics, /status, /healthz and /readyz.\n", "{path}");
    }
}

pub(crate) fn methods_that_change_things_are_not_allowed(address: SocketAddr) {
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let request = format!("{method} /metrics HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let body = check(address, &request, "405 Method Not Allowed");
        assert_eq!(body, "The methods are GET and HEAD.\n", "{method}");
    }
}

pub(crate) fn three_hundred_half_sent_requests_keep_no_scrape_out(address: SocketAddr) {
    let half = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\n");
    let senders: Vec<_> = (0..300).map(|_| send(address, &half)).collect();
    check(address, &get(address, "/metrics"), "200 OK");

    // Connections that were not evicted are closed when their time limit passes.
    let told = senders.into_iter().map(rest).filter(|text| text.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    assert_eq!(told.count(), 63);
}

fn get(address: SocketAddr, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")
}

/// Sends a request, and returns the body of a response with the given status.
fn check(address: SocketAddr, request: &str, status: &str) -> String {
    let answer = rest(send(address, request));
    let (head, body) = answer.split_once("\r\n\r\n").expect("the head is complete");
    assert_eq!(head.lines().next(), Some(format!("HTTP/1.1 {status}").as_str()), "{request}{answer}");
    body.to_owned()
}

pub(crate) fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
    stream.write_all(text.as_bytes()).expect("the server reads");
    stream
}

/// Reads until the server closes or resets the connection.
pub(crate) fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("the connection stays open: {error}"),
        _ => String::from_utf8(bytes).expect("the answer is text"),
    }
}
