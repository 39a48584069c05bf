//! A proxy in front of a Redis server that can slow down look-ups and nothing else.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The delay of a slow look-up, which is longer than a call waits.
const LONG: Duration = Duration::from_millis(80);

/// A proxy in front of a server. Its threads end after it is dropped and its clients have disconnected.
pub(super) struct Detour {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    is_slow: AtomicBool,
    is_over: AtomicBool,
}

impl Detour {
    /// Makes a proxy for the server at a port of the loopback interface.
    pub(super) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = thread::spawn(move || {
            let mut ways: Vec<JoinHandle<()>> = Vec::new();
            for client in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::SeqCst) {
                    break;
                }
                let server = TcpStream::connect(("127.0.0.1", port)).expect("the server is there");
                ways.extend(lead(&client, &server, &shared));
            }
            for way in ways {
                way.join().expect("a way does not panic");
            }
        });
        Self { address, state, accepting: Some(accepting) }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Delays look-ups for longer than calls wait.
    pub(super) fn slow_down(&self) {
        self.state.is_slow.store(true, Ordering::SeqCst);
    }

    /// Stops delaying look-ups.
    pub(super) fn speed_up(&self) {
        self.state.is_slow.store(false, Ordering::SeqCst);
    }
}

/// Forwards in both directions, until one side closes.
fn lead(client: &TcpStream, server: &TcpStream, state: &Arc<State>) -> [JoinHandle<()>; 2] {
    let copy = |stream: &TcpStream| stream.try_clone().expect("a stream can be shared");
    let (mut there, mut back) = ((copy(client), copy(server)), (copy(server), copy(client)));
    let state = Arc::clone(state);
    [
        thread::spawn(move || {
            let _ = ask(&mut there.0, &mut there.1, &state);
            hang_up(&there.0, &there.1);
        }),
        thread::spawn(move || {
            let _ = io::copy(&mut back.0, &mut back.1);
            hang_up(&back.0, &back.1);
        }),
    ]
}

fn ask(client: &mut TcpStream, server: &mut TcpStream, state: &State) -> io::Result<()> {
    let mut bytes = [0; 4_096];
    loop {
        let length = client.read(&mut bytes)?;
        let Some(request) = bytes.get(..length).filter(|request| !request.is_empty()) else { return Ok(()) };
        // Look-ups alone send `PTTL`.
        if state.is_slow.load(Ordering::SeqCst) && request.windows(4).any(|word| word == b"PTTL") {
            thread::sleep(LONG);
        }
        server.write_all(request)?;
    }
}

fn hang_up(one: &TcpStream, other: &TcpStream) {
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Connecting wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}
