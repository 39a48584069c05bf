//! A web server with fixed pages, like that of a program which serves its metrics itself.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A page: its path, its status, and its text. The status 0 closes the connection without an answer.
pub(crate) type Page = (&'static str, u16, &'static str);

/// A server that runs until it is dropped.
pub(crate) struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    asked: Mutex<Vec<String>>,
    has_ended: AtomicBool,
}

impl Host {
    /// Starts a server with these pages on a free port; other paths answer 404.
    pub(crate) fn start(pages: &[Page]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (shared, pages) = (Arc::new(Shared::default()), pages.to_vec());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if of_thread.has_ended.load(Ordering::Acquire) {
                    return;
                }
                answer(stream, &pages, &of_thread);
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the paths that were asked for, in their order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers one request, and closes the connection. A client that is gone needs no answer.
fn answer(mut stream: TcpStream, pages: &[Page], shared: &Shared) {
    let head: Vec<_> =
        BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
    let page = pages.iter().find(|(known, ..)| *known == path);
    let (status, text) = page.map_or((404, ""), |(_, status, text)| (*status, *text));
    if status > 0 {
        let length = text.len();
        let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shared.has_ended.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
