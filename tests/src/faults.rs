//! A server on loopback that misbehaves as it is told, for everything that exports.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The behaviour of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers 200 without content.
    Healthy,
    /// Answers 200 without content, this many milliseconds late.
    Late(u64),
    /// Does not listen.
    Refuse,
    /// Resets the connection when a request arrives.
    Reset,
    /// Reads requests and never answers.
    BlackHole,
    /// Answers 200, and one byte a second of the content.
    Drip,
    /// Answers with a status, and with `Retry-After` in seconds.
    Status(u16, Option<u32>),
    /// Answers 200 with bytes that are no message.
    Garbage,
    /// Answers 200 with a page, as a proxy does.
    Html,
    /// Answers 200 with this number of rejected spans.
    Partial(u8),
    /// Answers 200 and closes in the middle of the content.
    Cut,
    /// Answers 200 and sends content without an end.
    Endless,
    /// Redirects to another address.
    Redirect(String),
}

/// Reads a fault as the command line writes it: `healthy`, `late:200`, `status:503:1`, `partial:3`, `redirect:http://…`.
impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        let unknown = || format!("no fault `{text}`");
        Ok(match name {
            "healthy" => Self::Healthy,
            "refuse" => Self::Refuse,
            "reset" => Self::Reset,
            "black_hole" => Self::BlackHole,
            "drip" => Self::Drip,
            "garbage" => Self::Garbage,
            "html" => Self::Html,
            "cut" => Self::Cut,
            "endless" => Self::Endless,
            "late" => Self::Late(argument.parse().map_err(|_| unknown())?),
            "partial" => Self::Partial(argument.parse().map_err(|_| unknown())?),
            "redirect" => Self::Redirect(argument.to_owned()),
            "status" => {
                let (status, after) = argument.split_once(':').unwrap_or((argument, ""));
                let after = if after.is_empty() { None } else { Some(after.parse().map_err(|_| unknown())?) };
                Self::Status(status.parse().map_err(|_| unknown())?, after)
            }
            _ => return Err(unknown()),
        })
    }
}

/// A request that the server has read.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the headers.
    pub head: String,
    /// The content.
    pub body: Vec<u8>,
    /// True if the server answered as if it had stored the body.
    pub was_accepted: bool,
    /// The number of spans that the answer rejected, if it accepted the body in part.
    pub rejected_spans: Option<u64>,
    /// The time of its arrival.
    pub at: Instant,
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    fault: Mutex<Fault>,
    requests: Mutex<Vec<Request>>,
    arrived: Condvar,
    ended: AtomicBool,
}

impl Shared {
    fn fault(&self) -> Fault {
        lock(&self.fault).clone()
    }

    /// Waits as long as the server behaves in this way.
    fn while_still(&self, fault: &Fault, mut each: impl FnMut() -> bool, pause: Duration) {
        while !self.ended.load(Ordering::Acquire) && self.fault() == *fault && each() {
            thread::sleep(pause);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pause between two looks of the server's threads.
const PAUSE: Duration = Duration::from_millis(2);

impl FaultServer {
    /// Starts a server on a free port.
    ///
    /// # Panics
    ///
    /// Panics if there is no free port.
    #[must_use]
    pub fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            fault: Mutex::new(fault),
            requests: Mutex::default(),
            arrived: Condvar::new(),
            ended: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || serve(listener, address, &of_thread));
        Self { address, shared, thread: Some(thread) }
    }

    /// Returns the server's address as a URL without a path.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the behaviour, also on connections that wait for an answer.
    pub fn become_(&self, fault: Fault) {
        *lock(&self.shared.fault) = fault;
    }

    /// Returns all requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// Takes all requests out that have arrived since the last time.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *lock(&self.shared.requests))
    }

    /// Waits until this many requests have arrived.
    ///
    /// # Panics
    ///
    /// Panics if they do not arrive within a minute.
    pub fn wait_for(&self, requests: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut arrived = lock(&self.shared.requests);
        while arrived.len() < requests {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {requests} requests arrived", arrived.len());
            arrived = self.shared.arrived.wait_timeout(arrived, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections until the end; without a listener while the server refuses them.
fn serve(listener: TcpListener, address: SocketAddr, shared: &Arc<Shared>) {
    let mut listener = Some(listener);
    while !shared.ended.load(Ordering::Acquire) {
        if shared.fault() == Fault::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).ok();
        }
        let accepted = listener.as_ref().and_then(|listener| {
            listener.set_nonblocking(true).ok()?;
            listener.accept().ok()
        });
        match accepted {
            Some((stream, _)) => {
                let shared = Arc::clone(shared);
                thread::spawn(move || answer(stream, &shared));
            }
            None => thread::sleep(PAUSE),
        }
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    stream.set_nonblocking(false).ok()?;
    if shared.fault() == Fault::Reset {
        // Closing with unread bytes resets the connection.
        stream.peek(&mut [0]).ok()?;
        return None;
    }
    let (head, body) = read(&mut stream, shared)?;
    let fault = shared.fault();
    let was_accepted = matches!(fault, Fault::Healthy | Fault::Late(_));
    let rejected_spans = if let Fault::Partial(rejected) = fault { Some(u64::from(rejected)) } else { None };
    lock(&shared.requests).push(Request { head, body, was_accepted, rejected_spans, at: Instant::now() });
    shared.arrived.notify_all();
    let protobuf = "content-type: application/x-protobuf\r\n";
    match &fault {
        Fault::Healthy => send(&mut stream, "200 OK", protobuf, b""),
        Fault::Late(milliseconds) => {
            thread::sleep(Duration::from_millis(*milliseconds));
            send(&mut stream, "200 OK", protobuf, b"")
        }
        Fault::Refuse | Fault::Reset => None,
        Fault::BlackHole => {
            shared.while_still(&fault, || true, PAUSE);
            None
        }
        Fault::Drip => {
            write!(stream, "HTTP/1.1 200 OK\r\n{protobuf}content-length: 100000\r\n\r\n").ok()?;
            shared.while_still(&fault, || stream.write_all(&[0]).is_ok(), Duration::from_secs(1));
            None
        }
        Fault::Status(status, after) => {
            let after = after.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
            send(&mut stream, &format!("{status} As told"), &after, b"")
        }
        Fault::Garbage => send(&mut stream, "200 OK", protobuf, &[0xff; 64]),
        Fault::Html => send(&mut stream, "200 OK", "content-type: text/html\r\n", b"<html>Please log in</html>"),
        Fault::Partial(rejected) => send(&mut stream, "200 OK", protobuf, &partial_success(*rejected)),
        Fault::Cut => write!(stream, "HTTP/1.1 200 OK\r\n{protobuf}content-length: 64\r\n\r\n\u{a}").ok(),
        Fault::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\n{protobuf}\r\n").ok()?;
            let block = vec![0; 64 * 1024];
            shared.while_still(&fault, || stream.write_all(&block).is_ok(), Duration::ZERO);
            None
        }
        Fault::Redirect(to) => send(&mut stream, "307 Temporary Redirect", &format!("location: {to}\r\n"), b""),
    }
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}

/// Reads a request with its body; `None` if the client went away.
fn read(stream: &mut TcpStream, shared: &Shared) -> Option<(String, Vec<u8>)> {
    stream.set_read_timeout(Some(Duration::from_millis(100))).ok()?;
    let (mut bytes, mut block) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let body = end + 4;
            if bytes.len() >= body + length.unwrap_or(0_usize) {
                return Some((head, bytes[body..].to_vec()));
            }
        }
        match stream.read(&mut block) {
            Ok(0) => return None,
            Ok(read) => bytes.extend_from_slice(&block[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if shared.ended.load(Ordering::Acquire) {
                    return None;
                }
            }
            Err(_) => return None,
        }
    }
}

/// Returns the message of OTLP that says how many spans were rejected, and why.
fn partial_success(rejected: u8) -> Vec<u8> {
    let message = b"no space left";
    // A number of seven bits is its own encoding.
    let mut partial = vec![0x08, rejected & 0x7f, 0x12, message.len() as u8];
    partial.extend_from_slice(message);
    let mut response = vec![0x0a, partial.len() as u8];
    response.extend(partial);
    response
}
