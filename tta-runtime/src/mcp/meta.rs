//! The trace in a message's metadata, `params._meta`.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::context::{WorkflowContext, propagation};

/// The members of the metadata, which SEP-414 lets stand without a prefix.
pub(super) const TRACEPARENT: &str = "traceparent";
const MEMBERS: [&str; 3] = [TRACEPARENT, "tracestate", "baggage"];

/// Writes the current span and the baggage into the metadata of a message: `traceparent`, `tracestate` and `baggage`.
///
/// Removes these members of an earlier message. Omits `traceparent` without a current span; `OTEL_PROPAGATORS` may leave out
/// members. [`Session::send`](super::Session::send) does this for its message.
///
/// ```
/// use tta_runtime::mcp;
///
/// let mut meta = serde_json::Map::new();
/// meta.insert("traceparent".into(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
/// let mut onward = serde_json::Map::new();
/// mcp::extract(&meta).run(|| mcp::inject(&mut onward));
/// assert_eq!(onward, meta);
/// ```
pub fn inject(meta: &mut Map<String, Value>) {
    let mut headers = HeaderMap::new();
    propagation::inject(&mut headers);
    for member in MEMBERS {
        match headers.get(member).and_then(|value| value.to_str().ok()) {
            Some(value) => drop(meta.insert(member.to_owned(), value.into())),
            None => drop(meta.remove(member)),
        }
    }
}

/// Reads the metadata of a message that was received. Work in the returned context continues its trace.
///
/// Drops a member that is malformed or longer than 8 KiB. Without a valid `traceparent`, the work begins a new trace.
#[must_use]
pub fn extract(meta: &Map<String, Value>) -> WorkflowContext {
    let mut headers = HeaderMap::new();
    for member in MEMBERS {
        if let Some(value) = meta.get(member).and_then(Value::as_str).and_then(|text| HeaderValue::from_str(text).ok())
        {
            headers.insert(HeaderName::from_static(member), value);
        }
    }
    propagation::extract(&headers)
}
