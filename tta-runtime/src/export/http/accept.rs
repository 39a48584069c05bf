//! Accepts connections, also when the process runs out of file descriptors.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::Limits;
use super::connection::{Rejection, reject, serve};
use super::pages::Pages;
use super::seats::Seats;
use super::tls::Tls;

/// The shortest time between two failed attempts to accept if no descriptor can be given up for the next one.
const RETRY_DELAY: Duration = Duration::from_millis(10);

const FULL: Rejection = Rejection { status: "503 Service Unavailable", text: "There are too many connections." };

/// A file descriptor for one connection when the program has taken all others.
#[derive(Default)]
struct Spare(Option<File>);

impl Spare {
    /// Takes a descriptor, if there is one.
    fn open(&mut self) {
        if self.0.is_none() {
            self.0 = File::open("/dev/null").ok();
        }
    }

    /// Gives the descriptor up. Returns whether there was one.
    fn close(&mut self) -> bool {
        self.0.take().is_some()
    }
}

/// Accepts connections until the future is dropped.
pub(super) async fn accept(
    listener: TcpListener,
    limits: Limits,
    seats: Arc<Seats>,
    pages: Arc<Pages>,
    tls: Option<Arc<Tls>>,
) {
    let mut spare = Spare::default();
    spare.open();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                match seats.take() {
                    Some((seat, eviction)) => {
                        tokio::spawn(serve(stream, limits, seat, eviction, pages.clone(), tls.clone()));
                    }
                    None => reject(stream, FULL),
                }
                spare.open();
            }
            // The client is gone, and nothing is short.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process is out of file descriptors: an idle connection gives its own, or else the spare one
            // is given up. Without either an immediate retry would fail as well.
            Err(_) => {
                if !seats.evict() && !spare.close() {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        }
        // Yields so that a request sent along with its connection is read before the next connection can evict it, and
        // so that an evicted connection is closed before the next attempt to accept.
        tokio::task::yield_now().await;
    }
}
