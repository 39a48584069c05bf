//! The answer of a collector: which part of a batch it accepted, and whether another attempt can help.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::export::protobuf::{self, Field};

/// The longest answer that is read, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// The longest message of a collector that is logged, in characters.
const LONGEST_MESSAGE: usize = 200;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    /// All but this many spans, data points or log records were accepted.
    Partly {
        rejected: u64,
        error: String,
    },
    /// Another attempt may succeed, after this time if the collector named one.
    Retry {
        after: Option<Duration>,
        error: String,
    },
    /// Another attempt would fail as well.
    Refused {
        error: String,
    },
}

/// Returns whether another attempt may succeed, by OTLP's specification.
pub(super) fn is_retryable(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// Interprets an error status.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Answer {
    if is_retryable(status) {
        return Answer::Retry { after: retry_after(headers, now), error: format!("the collector answered {status}") };
    }
    if status.is_redirection() {
        return Answer::Refused { error: format!("the collector answered {status}; redirects are not followed") };
    }
    Answer::Refused { error: format!("the collector answered {status}") }
}

/// Interprets the answer to a request that succeeded as far as HTTP is concerned.
pub(super) fn of_body(headers: &HeaderMap, body: &[u8]) -> Answer {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
    let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let partial = match kind.as_deref() {
        // A page in its place is no collector's answer, even without content.
        Some("text/html") => None,
        _ if body.is_empty() => return Answer::Accepted,
        Some("application/json") => of_json(body),
        Some("application/x-protobuf") | None => of_protobuf(body),
        Some(_) => None,
    };
    match partial {
        Some((0, _)) => Answer::Accepted,
        Some((rejected, message)) => {
            let message: String = message.chars().take(LONGEST_MESSAGE).collect();
            Answer::Partly { rejected, error: format!("the collector rejected {rejected}: {message}") }
        }
        None => {
            let kind = kind.unwrap_or_else(|| "no content type".to_owned());
            let kind: String = kind.chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect();
            Answer::Refused { error: format!("the answer is none of a collector: {kind}, {} bytes", body.len()) }
        }
    }
}

/// Returns the number that was rejected, and why. The messages of all signals are encoded alike.
fn of_protobuf(body: &[u8]) -> Option<(u64, String)> {
    let mut partial = &b""[..];
    protobuf::read(body, |field, value| {
        if let (1, Field::Bytes(message)) = (field, value) {
            partial = message;
        }
    })?;
    let (mut rejected, mut error_message) = (0_i64, &b""[..]);
    protobuf::read(partial, |field, value| match (field, value) {
        (1, Field::Number(number)) => rejected = number as i64,
        (2, Field::Bytes(text)) => error_message = text,
        _ => {}
    })?;
    Some((u64::try_from(rejected).ok()?, str::from_utf8(error_message).ok()?.to_owned()))
}

fn of_json(body: &[u8]) -> Option<(u64, String)> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok().filter(serde_json::Value::is_object)?;
    let Some(partial) = answer.get("partialSuccess").filter(|partial| !partial.is_null()) else {
        return Some((0, String::new()));
    };
    let names = ["rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"];
    let rejected = names.into_iter().find_map(|name| partial.get(name));
    // A 64-bit integer is text in protobuf's JSON.
    let rejected = rejected.map_or(Some(0), |n| n.as_u64().or_else(|| n.as_str()?.parse().ok()))?;
    let message = partial.get("errorMessage").and_then(serde_json::Value::as_str).unwrap_or_default();
    Some((rejected, message.to_owned()))
}

/// Returns the wait that a collector asks for, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(httpdate::parse_http_date(asked).ok()?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::{HeaderMap, StatusCode};
    use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
    use prost::Message as _;

    use super::{Answer, of_body, of_status};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    fn partial(rejected_spans: i64) -> Vec<u8> {
        let partial = ExportTracePartialSuccess { rejected_spans, error_message: "no space".to_owned() };
        ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec()
    }

    #[test]
    fn only_a_collector_s_answer_is_an_acceptance() {
        let protobuf = headers("content-type", "application/x-protobuf");
        let json = headers("content-type", "application/json; charset=utf-8");
        let html = headers("content-type", "text/html");
        let text = headers("content-type", "text/plain");
        let partly = Answer::Partly { rejected: 5, error: "the collector rejected 5: no space".to_owned() };
        let refused = |text: &str| Answer::Refused { error: format!("the answer is none of a collector: {text}") };
        for (headers, body, expected) in [
            (&HeaderMap::new(), &b""[..], Answer::Accepted),
            (&protobuf, b"", Answer::Accepted),
            (&text, b"", Answer::Accepted),
            (&protobuf, &partial(0), Answer::Accepted),
            (&protobuf, &partial(5), partly.clone()),
            (&HeaderMap::new(), &partial(5), partly.clone()),
            (&protobuf, &partial(-5), refused("application/x-protobuf, 23 bytes")),
            (&json, b"{}", Answer::Accepted),
            (&json, br#"{"partialSuccess":{"rejectedSpans":"5","errorMessage":"no space"}}"#, partly.clone()),
            (&json, br#"{"partialSuccess":{"rejectedDataPoints":5,"errorMessage":"no space"}}"#, partly.clone()),
            (&json, br#"{"partialSuccess":{"rejectedLogRecords":"5","errorMessage":"no space"}}"#, partly),
            (&json, b"[]", refused("application/json, 2 bytes")),
            (&html, b"", refused("text/html, 0 bytes")),
            (&html, b"<html>", refused("text/html, 6 bytes")),
            (&text, b"ok", refused("text/plain, 2 bytes")),
            (&HeaderMap::new(), b"garbage", refused("no content type, 7 bytes")),
        ] {
            assert_eq!(of_body(headers, body), expected, "{headers:?} {body:?}");
        }
    }

    #[test]
    fn four_statuses_are_retried_after_the_time_that_they_name() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let mut retried = Vec::new();
        for status in (300..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
            if let Answer::Retry { after, .. } = of_status(status, &HeaderMap::new(), now) {
                assert_eq!(after, None);
                retried.push(status.as_u16());
            }
        }
        assert_eq!(retried, [429, 502, 503, 504]);
        for (asked, expected) in [
            ("7", Some(7)),
            ("Sun, 09 Sep 2001 01:46:50 GMT", Some(10)),
            ("Sun, 09 Sep 2001 01:46:30 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let answer = of_status(StatusCode::SERVICE_UNAVAILABLE, &headers("retry-after", asked), now);
            let error = "the collector answered 503 Service Unavailable".to_owned();
            assert_eq!(answer, Answer::Retry { after: expected.map(Duration::from_secs), error });
        }
    }
}
