//! The response to each request.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{ALLOW, CONTENT_ENCODING, HeaderName, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use hyper::body::Bytes;
use tokio::time::timeout;

use super::answer::{Answer, JSON, answer};
use super::collection::{Collector, Panicked};
use super::guard::{DATA, Guard, Page, Refusal};
use super::live_page::{self, LivePage};
use super::negotiate::{Coding, Format, Representation};
use super::status::Status;
use crate::export;
use crate::export::{metric_family, openmetrics, text};
use crate::snapshot::view::View;

/// The pages of the server, and the refusals.
pub(super) struct Pages {
    guard: Guard,
    metrics: MetricsPage,
    status: Status,
    live: Option<LivePage>,
    stopping: AtomicBool,
}

/// The page with the metrics.
pub(super) struct MetricsPage {
    collector: Collector,
    /// The longest wait of a scrape for a collection.
    collection_deadline: Duration,
}

impl Pages {
    pub(super) fn new(guard: Guard, metrics: MetricsPage, status: Status, live: Option<LivePage>) -> Self {
        Self { guard, metrics, status, live, stopping: AtomicBool::new(false) }
    }

    /// Makes `/readyz` answer 503 from now on.
    pub(super) fn announce_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Returns the response to a request on a connection that the server accepted at its address `local`.
    pub(super) async fn answer(&self, request: &Parts, local: IpAddr) -> Answer {
        match self.guard.admit(request, local) {
            Ok(Page::Metrics) => {
                self.status.note_scrape(&request.headers);
                self.metrics.answer(&request.headers).await
            }
            Ok(Page::Status) => match self.status.page() {
                Ok(page) => answer(StatusCode::OK, JSON, [], page.into()),
                Err(_) => line(StatusCode::INTERNAL_SERVER_ERROR, "The status cannot be written."),
            },
            Ok(Page::Health) => line(StatusCode::OK, "The metrics server runs."),
            Ok(Page::Readiness) if self.stopping.load(Ordering::Relaxed) => {
                line(StatusCode::SERVICE_UNAVAILABLE, "The program is stopping.")
            }
            Ok(Page::Readiness) => line(StatusCode::OK, "The program is ready."),
            Ok(page @ (Page::Shell | Page::Data)) => self.live(page, request).await,
            Err(refusal) if request.uri.path().starts_with(DATA) => {
                live_page::refuse(refusal).unwrap_or_else(|| refuse(refusal))
            }
            Err(refusal) => refuse(refusal),
        }
    }
}

impl Pages {
    /// Returns the live page, or its data.
    async fn live(&self, page: Page, request: &Parts) -> Answer {
        match &self.live {
            Some(live) if page == Page::Data => live.data(request).await,
            Some(_) => LivePage::shell(&request.headers),
            None => refuse(Refusal::UnknownPath),
        }
    }
}

impl MetricsPage {
    pub(super) fn new(collector: Collector, collection_deadline: Duration) -> Self {
        Self { collector, collection_deadline }
    }

    /// Returns the metrics in the representation that the client prefers.
    pub(super) async fn answer(&self, headers: &HeaderMap) -> Answer {
        let representation = Representation::negotiate(headers);
        // `OpenMetrics` cannot express the metric names of the classic view.
        let text_only = export::views().contains(&View::Classic);
        let representation = if text_only { representation.as_text() } else { representation };
        match timeout(self.collection_deadline, self.collector.body(representation)).await {
            Ok(Ok(body)) => metrics(representation, body),
            Ok(Err(Panicked)) => line(StatusCode::INTERNAL_SERVER_ERROR, "Collecting the metrics panicked."),
            Err(_) => line(StatusCode::SERVICE_UNAVAILABLE, "Collecting the metrics takes too long."),
        }
    }
}

fn metrics(Representation { format, coding }: Representation, body: Bytes) -> Answer {
    let content_type = match format {
        Format::Text => text::CONTENT_TYPE,
        Format::OpenMetrics => openmetrics::CONTENT_TYPE,
        Format::Protobuf => metric_family::CONTENT_TYPE,
    };
    let varies = (VARY, "accept, accept-encoding");
    match coding {
        Coding::Identity => answer(StatusCode::OK, content_type, [varies], body),
        Coding::Gzip => answer(StatusCode::OK, content_type, [varies, (CONTENT_ENCODING, "gzip")], body),
    }
}

/// Returns the response to a request that is refused.
pub(super) fn refuse(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::NoHost => line(StatusCode::BAD_REQUEST, "A request needs one `Host` header that names a host."),
        // Not 421 (Misdirected Request): it invites the client to retry on another connection, which the server would
        // refuse as well.
        Refusal::ForeignHost => line(StatusCode::FORBIDDEN, "This host is not among the allowed hosts."),
        Refusal::UnknownPath => line(StatusCode::NOT_FOUND, "There are /metrics, /status, /healthz and /readyz."),
        Refusal::Method => {
            line_with(StatusCode::METHOD_NOT_ALLOWED, (ALLOW, "GET, HEAD"), "The methods are GET and HEAD.")
        }
        Refusal::NoToken => {
            line_with(StatusCode::UNAUTHORIZED, (WWW_AUTHENTICATE, "Bearer"), "The metrics need a bearer token.")
        }
        Refusal::WrongToken => {
            let challenge = (WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
            line_with(StatusCode::UNAUTHORIZED, challenge, "This bearer token is wrong.")
        }
    }
}

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

fn line(status: StatusCode, text: &str) -> Answer {
    answer(status, PLAIN_TEXT, [], format!("{text}\n").into())
}

fn line_with(status: StatusCode, header: (HeaderName, &'static str), text: &str) -> Answer {
    answer(status, PLAIN_TEXT, [header], format!("{text}\n").into())
}
