//! The metrics as a service for the program's own HTTP server.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Bytes;
use tower_service::Service;

use super::Limits;
use super::answer::Answer;
use super::collection::Collector;
use super::guard::{Refusal, check_method, check_token};
use super::pages::{MetricsPage, refuse};
use crate::export;
use crate::recorder::GLOBAL;

/// Returns a service that answers each request with the metrics, for a route of the program's own HTTP server.
///
/// It negotiates as the server of [`init`](crate::init) does: Prometheus' text format or OpenMetrics with exemplars, plain
/// or as gzip. It also serves what the program registered in [`registry`](crate::registry()). Requests share a collection
/// in progress. Only `GET` and `HEAD` are answered; which hosts and paths are served is for the program's router to decide.
///
/// It runs on the program's tokio runtime. `TTA_METRICS_ADDR=off` or
/// [`Builder::without_metrics_server`](crate::Builder::without_metrics_server) turns the library's own server off.
///
/// With axum: `Router::new().route_service("/metrics", tta_runtime::metrics_service())`.
///
/// ```
/// use http_body_util::BodyExt;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let request = http::Request::get("/metrics").header("accept", "application/openmetrics-text").body(()).unwrap();
/// let response = tta_runtime::metrics_service().oneshot(request).await.unwrap();
/// let body = response.into_body().collect().await.unwrap().to_bytes();
/// assert!(body.ends_with(b"# EOF\n"));
/// # }
/// ```
#[must_use]
pub fn metrics_service() -> MetricsService {
    let collector = Collector::new(&GLOBAL, export::registry().clone());
    MetricsService { page: Arc::new(MetricsPage::new(collector, Limits::default().collection)), token: None }
}

/// A service that answers with the metrics; see [`metrics_service`].
#[derive(Clone)]
pub struct MetricsService {
    page: Arc<MetricsPage>,
    token: Option<Arc<str>>,
}

impl MetricsService {
    /// Answers only requests with this bearer token; an empty token admits nobody.
    #[must_use]
    pub fn bearer_token(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into().into()), ..self }
    }

    fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        check_method(method)?;
        match &self.token {
            None => Ok(()),
            Some(token) if token.trim().is_empty() => Err(Refusal::WrongToken),
            Some(token) => check_token(headers, token),
        }
    }
}

impl fmt::Debug for MetricsService {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MetricsService").field("needs_token", &self.token.is_some()).finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for MetricsService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, _) = request.into_parts();
        let admitted = self.admit(&head.method, &head.headers);
        let page = Arc::clone(&self.page);
        Box::pin(async move {
            let answer: Answer = match admitted {
                Ok(()) => page.answer(&head.headers).await,
                Err(refusal) => refuse(refusal),
            };
            Ok(answer)
        })
    }
}
