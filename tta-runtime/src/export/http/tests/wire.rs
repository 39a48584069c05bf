//! A client that writes raw bytes to the server.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The deadline of each wait, after which the test fails.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// A response as the client reads it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Returns the value of a header, or `None` if it is absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}

/// Connects to the server and writes `bytes`.
pub(super) fn send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(DEADLINE)).expect("the deadline is not zero");
    stream.write_all(bytes.as_ref()).expect("the server reads");
    stream
}

/// Writes a request with a valid `Host` header. Each of `headers` is a line such as `accept: text/plain`.
pub(super) fn ask(address: SocketAddr, method: &str, path: &str, headers: &[&str]) -> TcpStream {
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    send(address, format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n"))
}

/// Writes a GET request and returns the response.
pub(super) fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Reply {
    reply(ask(address, "GET", path, headers))
}

/// How the server ended a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    /// Discards the output that the client has not received.
    Reset,
}

/// Returns the response, after the server has closed the connection.
///
/// # Panics
///
/// Panics if the server resets the connection.
pub(super) fn reply(stream: TcpStream) -> Reply {
    let (reply, end) = reply_and_end(stream);
    assert_eq!(end, End::Closed);
    reply
}

/// Returns the response, whose body may be truncated, and how the connection ended.
pub(super) fn reply_and_end(stream: TcpStream) -> (Reply, End) {
    let (bytes, ended) = rest(stream);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the head is complete");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("the head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("the status is a number");
    (Reply { status, head, body: bytes[end + 4..].to_vec() }, ended)
}

/// Reads until the server ends the connection.
pub(super) fn rest(mut stream: TcpStream) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => (bytes, End::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (bytes, End::Reset),
        Err(error) => panic!("the connection stays open: {error}"),
    }
}
