//! Responses with the headers that all of them have.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;

/// A response. hyper adds its `Content-Length` and omits the body in response to HEAD.
pub(super) type Answer = Response<Full<Bytes>>;

pub(super) const JSON: &str = "application/json";

pub(super) fn answer<const N: usize>(
    status: StatusCode,
    content_type: &'static str,
    more: [(HeaderName, &'static str); N],
    body: Bytes,
) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in more {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
