//! Accepts connections, also when the process runs out of file descriptors.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use super::Limits;
use super::connection::serve;
use super::pages::Pages;
use super::rejection::{Rejection, reject};
use super::seats::Seats;
use super::tls::Tls;

/// The shortest time between two failed attempts to accept if no descriptor can be given up for the next one.
const RETRY_DELAY: Duration = Duration::from_millis(10);

const FULL: Rejection = Rejection { status: "503 Service Unavailable", text: "There are too many connections." };

/// A file descriptor for one connection when the program has taken all others.
#[derive(Default)]
struct Spare(Mutex<Option<File>>);

impl Spare {
    /// Takes a descriptor, if there is one.
    fn open(&self) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            *file = File::open("/dev/null").ok();
        }
    }

    /// Gives the descriptor up. Returns whether there was one.
    fn close(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }
}

/// Accepts connections until the future is dropped. The spare descriptor is taken before the first poll.
pub(super) fn accept(
    listener: TcpListener,
    limits: Limits,
    seats: Arc<Seats>,
    pages: Arc<Pages>,
    tls: Option<Arc<Tls>>,
) -> impl Future<Output = ()> {
    let spare = Arc::new(Spare::default());
    spare.open();
    accept_with(spare, listener, limits, seats, pages, tls)
}

async fn accept_with(
    spare: Arc<Spare>,
    mut listener: TcpListener,
    limits: Limits,
    seats: Arc<Seats>,
    pages: Arc<Pages>,
    tls: Option<Arc<Tls>>,
) {
    // Whether a connection waited when accepting failed the last time.
    let mut is_awaited = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                match seats.take() {
                    Some((seat, eviction)) => {
                        let served = serve(stream, limits, seat, eviction, pages.clone(), tls.clone());
                        let spare = Arc::clone(&spare);
                        tokio::spawn(async move {
                            served.await;
                            // The descriptor of the connection is free at this moment.
                            spare.open();
                        });
                    }
                    // A client that speaks TLS would not understand the answer: the connection closes.
                    None if tls.is_some() => {}
                    None => reject(stream, FULL),
                }
                is_awaited = false;
            }
            // The client is gone, and nothing is short.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process is out of file descriptors. Linux says so even if no connection waits, and then nothing
            // may be given up: the listener is asked again once one does. An idle connection gives its descriptor, or else
            // the spare one is given up. Without either an immediate retry would fail as well.
            Err(_) => {
                if is_awaited && !seats.evict() && !spare.close() {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                let Ok(registered) = registered_anew(listener) else { return };
                listener = registered;
                is_awaited = true;
            }
        }
        // Yields so that a request sent along with its connection is read before the next connection can evict it, and
        // so that an evicted connection is closed before the next attempt to accept.
        tokio::task::yield_now().await;
    }
}

/// Forgets that the listener had a connection: it is ready again only if the system says so after this.
fn registered_anew(listener: TcpListener) -> io::Result<TcpListener> {
    TcpListener::from_std(listener.into_std()?)
}
