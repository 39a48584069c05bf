//! A client's connection: one request and its response, within a deadline.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::Limits;
use super::pages::Pages;
use super::seats::{Eviction, Phase, Seat};

/// A client's connection, from its acceptance to its end.
pub(super) struct Visit {
    limits: Limits,
    accepted: Instant,
    /// The server's address of the connection.
    local: IpAddr,
    seat: Seat,
    eviction: Eviction,
    pages: Arc<Pages>,
}

/// How a connection ended.
pub(super) enum End {
    /// The response was sent, or the client went away.
    Done,
    /// The request did not arrive in time, and nothing was sent.
    Late,
    /// The connection was evicted, or took longer than its deadline.
    Abandoned,
}

impl Visit {
    pub(super) fn new(limits: Limits, local: IpAddr, seat: Seat, eviction: Eviction, pages: Arc<Pages>) -> Self {
        Self { limits, accepted: Instant::now(), local, seat, eviction, pages }
    }

    /// Waits for something that the client must do before its request; `None` if it is evicted, or does not do it
    /// before the deadline of the request's head.
    #[cfg_attr(not(feature = "exporter-tls"), expect(dead_code, reason = "a plain connection begins with its request"))]
    pub(super) async fn wait_for_client<T>(&mut self, action: impl Future<Output = T>) -> Option<T> {
        let mut action = pin!(action);
        let done = poll_fn(|context| {
            if Pin::new(&mut self.eviction).poll(context).is_ready() {
                return Poll::Ready(None);
            }
            action.as_mut().poll(context).map(Some)
        });
        timeout_at(self.accepted + self.limits.header, done).await.ok().flatten()
    }

    /// Reads a request and answers it. Returns the stream too.
    pub(super) async fn exchange<S>(mut self, stream: S) -> (S, End)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (seat, pages, local) = (&self.seat, &*self.pages, self.local);
        let service = service_fn(move |request: Request<Incoming>| async move {
            seat.enter(Phase::Answering);
            let (head, _) = request.into_parts();
            let answer = pages.answer(&head, local).await;
            seat.enter(Phase::AwaitsReader);
            Ok::<_, Infallible>(answer)
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header.saturating_sub(self.accepted.elapsed()))
            .max_header_size(self.limits.header_bytes)
            .keep_alive(false)
            // Clients such as `nc` shut down their write side after the request.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        let eviction = &mut self.eviction;
        let ended = poll_fn(|context| {
            if Pin::new(&mut *eviction).poll(context).is_ready() {
                return Poll::Ready(None);
            }
            Pin::new(&mut connection).poll(context).map(Some)
        });
        let end = match timeout_at(self.accepted + self.limits.request, ended).await {
            Ok(Some(Err(error))) if error.is_timeout() => End::Late,
            Ok(Some(_)) => End::Done,
            Ok(None) | Err(_) => End::Abandoned,
        };
        (connection.into_parts().io.into_inner(), end)
    }
}
