//! A collector on loopback that accepts whatever it is sent, and counts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// A collector that runs until the process ends.
#[derive(Debug)]
pub(crate) struct Receiver {
    endpoint: String,
    /// The bytes of all bodies so far.
    bytes: &'static AtomicU64,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let bytes: &'static AtomicU64 = Box::leak(Box::default());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let connection = connection.expect("a connection");
                thread::spawn(move || serve(connection, bytes));
            }
        });
        Self { endpoint, bytes }
    }

    /// Returns the address as a URL without a path.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the bytes of the bodies since the last time.
    pub(crate) fn take_bytes(&self) -> u64 {
        self.bytes.swap(0, Ordering::Relaxed)
    }
}

/// Answers requests until the connection closes.
fn serve(connection: TcpStream, bytes: &AtomicU64) -> Option<()> {
    let mut answers = connection.try_clone().ok()?;
    let mut requests = BufReader::with_capacity(1 << 16, connection);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if requests.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        body.resize(length, 0);
        requests.read_exact(&mut body).ok()?;
        bytes.fetch_add(length as u64, Ordering::Relaxed);
        answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
