//! Serves a connection: one request and its response, within a deadline.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Write;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::Limits;
use super::pages::Pages;
use super::seats::{Eviction, Phase, Seat, Seats};

/// Accepts connections until the future is dropped.
pub(super) async fn accept(listener: TcpListener, limits: Limits, seats: Arc<Seats>, pages: Arc<Pages>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => match seats.take() {
                Some((seat, eviction)) => {
                    tokio::spawn(serve(stream, limits, seat, eviction, pages.clone()));
                }
                None => reject(stream, "503 Service Unavailable", "There are too many connections."),
            },
            // Most likely the process is out of file descriptors, and an immediate retry would fail as well.
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
        }
        // Yields so that a request sent along with its connection is read before the next connection can evict it.
        tokio::task::yield_now().await;
    }
}

const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Serves one request and closes the connection.
///
/// Keep-alive is off: a scraper sends a request every few seconds at most, so the deadline of the request is also that
/// of the connection.
async fn serve(stream: TcpStream, limits: Limits, seat: Seat, mut eviction: Eviction, pages: Arc<Pages>) {
    let Ok(local) = stream.local_addr() else { return };
    let (seat, pages) = (&seat, &*pages);
    let service = service_fn(move |request: Request<Incoming>| async move {
        seat.enter(Phase::Answering);
        let (head, _) = request.into_parts();
        let answer = pages.answer(&head, local.ip()).await;
        seat.enter(Phase::AwaitsReader);
        Ok::<_, Infallible>(answer)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_header_size(limits.header_bytes)
        .keep_alive(false)
        // Clients such as `nc` shut down their write side after the request.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| {
        if Pin::new(&mut eviction).poll(context).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut connection).poll(context).map(Some)
    });
    let ended = tokio::time::timeout(limits.request, ended).await;
    let stream = connection.into_parts().io.into_inner();
    match ended {
        Ok(Some(Err(error))) if error.is_timeout() => {
            reject(stream, "408 Request Timeout", "The request did not arrive in time.");
        }
        Ok(Some(_)) => {}
        // Discards the output that the client has not read. The system would otherwise retain it for minutes.
        Ok(None) | Err(_) => drop(stream.set_zero_linger()),
    }
}

/// Sends an error response, best effort, and closes the connection.
fn reject(stream: TcpStream, status: &str, text: &str) {
    let Ok(mut stream) = stream.into_std() else { return };
    let length = text.len() + 1;
    let response = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n\
        content-length: {length}\r\n\r\n{text}\n"
    );
    // Nothing was sent on this connection before, so the send buffer has room for the response.
    let _ = stream.write_all(response.as_bytes());
    // Closing a socket with unread input sends a reset. The shutdown sends the end of the response before it.
    let _ = stream.shutdown(Shutdown::Write);
}
