//! The live page and its data, over HTTP.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderName, IF_NONE_MATCH, LINK, REFERRER_POLICY, VARY,
    WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::body::Bytes;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::{Answer, JSON, answer};
use super::guard::{DATA, Refusal};
use super::negotiate::{Coding, coding};
use crate::page::{self, Page, Problem, shell};

/// The page of a server.
#[derive(Debug)]
pub(super) struct LivePage {
    page: Arc<Page>,
    /// Requests for data are answered one by one: a snapshot takes a processor.
    turn: Arc<Semaphore>,
    deadline: Duration,
}

impl LivePage {
    pub(super) fn new(page: Arc<Page>, deadline: Duration) -> Self {
        Self { page, turn: Arc::new(Semaphore::new(1)), deadline }
    }

    /// Returns the page itself, which has no data.
    pub(super) fn shell(headers: &HeaderMap) -> Answer {
        let own = [
            (CONTENT_SECURITY_POLICY, shell::POLICY.trim()),
            (REFERRER_POLICY, "no-referrer"),
            (VARY, "accept-encoding"),
        ];
        match coding(headers) {
            Coding::Gzip => {
                let mut page = answer(StatusCode::OK, HTML, own, Bytes::from_static(shell::HTML_GZ));
                page.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                page
            }
            Coding::Identity => answer(StatusCode::OK, HTML, own, unpacked()),
        }
    }

    /// Answers a request for data.
    pub(super) async fn data(&self, request: &Parts) -> Answer {
        let path = request.uri.path().strip_prefix(DATA).unwrap_or_default().to_owned();
        let query = request.uri.query().unwrap_or_default().to_owned();
        let known = request.headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).map(str::to_owned);
        let coding = coding(&request.headers);
        let page = Arc::clone(&self.page);
        let answered = async {
            // The turn ends with the work, which goes on when the request has gone: it may not take the threads of the metrics.
            let turn = Arc::clone(&self.turn).acquire_owned().await.ok()?;
            let work = move || {
                let _turn = turn;
                respond(&page, &path, &query, known.as_deref(), coding)
            };
            spawn_blocking(work).await.ok()
        };
        match timeout(self.deadline, answered).await {
            Ok(Some(answer)) => answer,
            Ok(None) => problem(&Problem::new(500, "panicked", "Making the answer panicked.")),
            Err(_) => problem(&Problem::new(503, "busy", "Making the answer takes too long.")),
        }
    }
}

/// Returns the response to a request for data that is refused.
pub(super) fn refuse(refusal: Refusal) -> Option<Answer> {
    let (code, challenge, message) = match refusal {
        Refusal::NoToken => ("no_token", "Bearer", "The data needs a bearer token."),
        Refusal::WrongToken => ("wrong_token", "Bearer error=\"invalid_token\"", "This bearer token is wrong."),
        Refusal::NoHost | Refusal::ForeignHost | Refusal::UnknownPath | Refusal::Method => return None,
    };
    let mut refused = problem(&Problem::new(401, code, message));
    refused.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    Some(refused)
}

const HTML: &str = "text/html; charset=utf-8";

/// Unpacks the page for clients that do not accept gzip, such as `curl`.
fn unpacked() -> Bytes {
    let mut html = Vec::new();
    // The bytes are those of the build, which its tests unpack.
    let _ = std::io::Read::read_to_end(&mut GzDecoder::new(shell::HTML_GZ), &mut html);
    html.into()
}

fn respond(page: &Page, path: &str, query: &str, known: Option<&str>, coding: Coding) -> Answer {
    let (etag, body, next) = match page.answer(path, query) {
        Err(found) => return problem(&found),
        Ok(page::Answer::Data(data)) => (page.etag(&data), page.envelope(&data), None),
        Ok(page::Answer::Whole(data, next)) => (page.etag(&data), data, next),
    };
    let is_known = known.is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag || tag.trim() == "*"));
    let vary = (VARY, "accept-encoding");
    let mut response = match coding {
        _ if is_known => answer(StatusCode::NOT_MODIFIED, JSON, [vary], Bytes::new()),
        Coding::Gzip => answer(StatusCode::OK, JSON, [vary, (CONTENT_ENCODING, "gzip")], gzip(&body)),
        Coding::Identity => answer(StatusCode::OK, JSON, [vary], body.into()),
    };
    set(&mut response, ETAG, &etag);
    if let Some(next) = next {
        set(&mut response, LINK, &format!("<?after={next}>; rel=\"next\""));
    }
    response
}

fn problem(problem: &Problem) -> Answer {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer(status, JSON, [], problem.body().into())
}

fn set(response: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a `Vec` never fails.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http::{Request, StatusCode};
    use opentelemetry_sdk::Resource;

    use super::LivePage;
    use crate::clock::Clock;
    use crate::page::Page;
    use crate::recorder::Recorder;

    #[tokio::test]
    async fn an_answer_past_its_deadline_keeps_its_turn_until_it_is_made() {
        let page = Page::new(Recorder::isolated(Clock::System), &Resource::builder_empty().build(), 1 << 20);
        let page = Arc::new(page);
        let live = LivePage::new(Arc::clone(&page), Duration::from_millis(20));
        let (request, ()) = Request::get("/api/v1/savings").body(()).expect("it is one").into_parts();
        let held = page.hold();
        for _ in 0..3 {
            assert_eq!(live.data(&request).await.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(live.turn.available_permits(), 0, "the first one is still at work");
        }
        drop(held);
        let _made = live.turn.acquire().await.expect("it is open");
        assert_eq!(live.data(&request).await.status(), StatusCode::SERVICE_UNAVAILABLE, "the turn is taken here");
    }
}
