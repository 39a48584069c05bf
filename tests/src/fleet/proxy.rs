//! A proxy in front of Redis that loses answers: the server has done what it was asked, and nobody hears of it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// A proxy for the server at a port of the loopback interface. Its connections end when one side closes them.
#[derive(Debug)]
pub struct LossyProxy {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl LossyProxy {
    /// Makes a proxy that loses one answer in `one_in`, and the connection with it.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn to(port: u16, one_in: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let accepting = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    lead(&client, &server, one_in);
                }
            }
        });
        Self { address, is_over, accepting: Some(accepting) }
    }

    /// Returns its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}

/// Forwards in both directions, until one side closes or an answer is lost.
fn lead(client: &TcpStream, server: &TcpStream, one_in: u32) {
    let copy = |stream: &TcpStream| stream.try_clone().expect("a stream can be shared");
    let (there, back) = ((copy(client), copy(server)), (copy(server), copy(client)));
    thread::spawn(move || forward(there.0, there.1, || false));
    thread::spawn(move || forward(back.0, back.1, || fastrand::u32(0..one_in) == 0));
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_lost: impl Fn() -> bool) {
    let mut bytes = [0; 16_384];
    // Once connected, the client sends one request at a time for each account.
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if is_lost() || to.write_all(bytes.get(..length).unwrap_or_default()).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

impl Drop for LossyProxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Connecting wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}
