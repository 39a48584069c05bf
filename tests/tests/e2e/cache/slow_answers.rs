//! A proxy in front of a Redis server that passes answers on slowly, and can break off in the middle of one.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::patience::wait_until;

/// The bytes that are passed on at once, and the pause after them: at most 64 MiB a second.
const PIECE: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(1);

/// A proxy. Its threads end after it is dropped and its clients have disconnected.
pub(super) struct SlowAnswers {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    passed: AtomicUsize,
    /// The bytes that may still be passed on, while they are limited.
    left: Mutex<Option<usize>>,
    is_over: AtomicBool,
}

impl SlowAnswers {
    /// Makes a proxy for the server at a port of the loopback interface.
    pub(super) fn of(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::SeqCst) {
                    return;
                }
                // While the server is away, so is the proxy.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    lead(&client, &server, &shared);
                }
            }
        });
        Self { address, state, accepting: Some(accepting) }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Breaks the connection off once this many bytes of answers have been passed on; later connections are not limited.
    pub(super) fn break_off_after(&self, bytes: usize) {
        *self.state.left.lock().expect("nobody panics here") = Some(bytes);
    }

    /// Waits until this many bytes of answers have been passed on from now on.
    pub(super) fn wait_for(&self, bytes: usize) {
        let before = self.state.passed.load(Ordering::SeqCst);
        wait_until("the answer is on its way", || self.state.passed.load(Ordering::SeqCst) >= before + bytes);
    }
}

/// Passes on in both directions, until one side closes.
fn lead(client: &TcpStream, server: &TcpStream, state: &Arc<State>) {
    let copy = |stream: &TcpStream| stream.try_clone().expect("a stream can be shared");
    let (mut there, mut back) = ((copy(client), copy(server)), (copy(server), copy(client)));
    let state = Arc::clone(state);
    thread::spawn(move || {
        let _ = io::copy(&mut there.0, &mut there.1);
        hang_up(&there.0, &there.1);
    });
    thread::spawn(move || {
        let _ = answer(&mut back.0, &mut back.1, &state);
        hang_up(&back.0, &back.1);
    });
}

fn answer(server: &mut TcpStream, client: &mut TcpStream, state: &State) -> io::Result<()> {
    let mut bytes = vec![0; PIECE];
    loop {
        let length = server.read(&mut bytes)?;
        let Some(piece) = bytes.get(..length).filter(|piece| !piece.is_empty()) else { return Ok(()) };
        {
            let mut left = state.left.lock().expect("nobody panics here");
            match &mut *left {
                Some(left) if *left > length => *left -= length,
                None => {}
                Some(_) => {
                    let last = left.take().unwrap_or_default();
                    return client.write_all(&piece[..last]);
                }
            }
        }
        client.write_all(piece)?;
        state.passed.fetch_add(length, Ordering::SeqCst);
        thread::sleep(PAUSE);
    }
}

fn hang_up(one: &TcpStream, other: &TcpStream) {
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}

impl Drop for SlowAnswers {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Connecting wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}
