//! Serves a connection, in plain text or over TLS.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::Limits;
use super::pages::Pages;
use super::rejection::{LATE, reject};
use super::seats::{Eviction, Seat};
use super::tls::Tls;
use super::visit::{End, Visit};

/// Serves one request and closes the connection.
///
/// Keep-alive is off: a scraper sends a request every few seconds at most, so the deadline of the request is also that
/// of the connection.
pub(super) async fn serve(
    stream: TcpStream,
    limits: Limits,
    seat: Seat,
    eviction: Eviction,
    pages: Arc<Pages>,
    tls: Option<Arc<Tls>>,
) {
    let Ok(local) = stream.local_addr() else { return };
    let visit = Visit::new(limits, local.ip(), seat, eviction, pages);
    let Some(tls) = tls else { return serve_plain(stream, visit).await };
    tls.serve(stream, visit).await;
}

async fn serve_plain(stream: TcpStream, visit: Visit) {
    let (stream, end) = visit.exchange(stream).await;
    match end {
        End::Late => reject(stream, LATE),
        End::Done => {}
        // Discards the output that the client has not read. The system would otherwise retain it for minutes.
        End::Abandoned => drop(stream.set_zero_linger()),
    }
}
