//! A client that writes what it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A test fails rather than wait longer for a socket.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A response.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Returns a header's value, nothing where it is absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}

/// Connects and writes.
pub(super) fn send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
    stream.write_all(bytes.as_ref()).expect("the server reads");
    stream
}

/// Writes a request with the right `Host`; each of `headers` is a line such as `accept: text/plain`.
pub(super) fn ask(address: SocketAddr, method: &str, path: &str, headers: &[&str]) -> TcpStream {
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    send(address, format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n"))
}

/// Writes a request and reads the response.
pub(super) fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Reply {
    reply(ask(address, "GET", path, headers))
}

/// How the server ended a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    /// What was still on its way to the client is lost.
    Reset,
}

/// Reads a response to the connection's orderly end.
pub(super) fn reply(stream: TcpStream) -> Reply {
    let (reply, end) = reply_and_end(stream);
    assert_eq!(end, End::Closed);
    reply
}

/// Reads what comes of a response.
pub(super) fn reply_and_end(stream: TcpStream) -> (Reply, End) {
    let (bytes, ended) = rest(stream);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the head is complete");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("the head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("the status is a number");
    (Reply { status, head, body: bytes[end + 4..].to_vec() }, ended)
}

/// Reads until the server has ended the connection.
pub(super) fn rest(mut stream: TcpStream) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => (bytes, End::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (bytes, End::Reset),
        Err(error) => panic!("the connection stays open: {error}"),
    }
}
