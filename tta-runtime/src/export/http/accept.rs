//! Accepts connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::Limits;
use super::connection::{Rejection, reject, serve};
use super::pages::Pages;
use super::seats::Seats;
use super::tls::Tls;

/// The shortest time between two failed attempts to accept.
const RETRY_DELAY: Duration = Duration::from_millis(10);

const FULL: Rejection = Rejection { status: "503 Service Unavailable", text: "There are too many connections." };

/// Accepts connections until the future is dropped.
pub(super) async fn accept(
    listener: TcpListener,
    limits: Limits,
    seats: Arc<Seats>,
    pages: Arc<Pages>,
    tls: Option<Arc<Tls>>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                match seats.take() {
                    Some((seat, eviction)) => {
                        tokio::spawn(serve(stream, limits, seat, eviction, pages.clone(), tls.clone()));
                    }
                    None => reject(stream, FULL),
                }
            }
            // The client is gone, and nothing is short.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process is out of file descriptors, and an immediate retry would fail as well.
            Err(_) => tokio::time::sleep(RETRY_DELAY).await,
        }
        // Yields so that a request sent along with its connection is read before the next connection can evict it.
        tokio::task::yield_now().await;
    }
}
