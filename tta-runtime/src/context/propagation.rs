//! Trace context across processes: W3C `traceparent`, `tracestate` and `baggage` in HTTP headers.

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use crate::context::WorkflowContext;
use crate::context::frame::with_current;
use crate::id::{self, SpanIds};
use crate::workflow_attributes::WorkflowAttributes;

/// The longest header that is read, in bytes: headers come from outside, and each call would carry them along.
const LONGEST_HEADER: usize = 8_192;

/// Writes the current span and the baggage into the headers of an outgoing request.
///
/// Omits `traceparent` without a current span, as when spans are not recorded.
///
/// ```
/// use tta_runtime::{WorkflowContext, propagation};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap());
/// let context: WorkflowContext = propagation::extract(&headers);
///
/// let mut onward = http::HeaderMap::new();
/// context.run(|| propagation::inject(&mut onward));
/// assert_eq!(onward, headers);
/// ```
pub fn inject(headers: &mut HeaderMap) {
    let Some(mut here) = with_current(|frame| frame.child()) else { return };
    here.join_host_span();
    let ids = here.ids;
    let mut context = Context::new();
    if ids.is_some() {
        context = context.with_remote_span_context(ids.to_otel(here.trace_state()));
    }
    if let Some(workflow) = here.workflow.filter(|workflow| !workflow.baggage.is_empty()) {
        context = context.with_baggage(
            workflow.baggage.iter().map(|(key, value)| opentelemetry::KeyValue::new(key.clone(), value.clone())),
        );
        BaggagePropagator::new().inject_context(&context, &mut Headers(headers));
    }
    if ids.is_some() {
        TraceContextPropagator::new().inject_context(&context, &mut Headers(headers));
        if headers.get("tracestate").is_some_and(http::HeaderValue::is_empty) {
            headers.remove("tracestate");
        }
    }
}

/// Reads the headers of an incoming request. Work in the returned context continues the request's trace.
///
/// Drops a header that is malformed or longer than 8 KiB. Without a valid `traceparent`, the work begins a new trace.
#[must_use]
pub fn extract(headers: &HeaderMap) -> WorkflowContext {
    let read = IncomingHeaders::from(headers);
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &read);
    let context = BaggagePropagator::new().extract_with_context(&context, &read);
    let span = context.span().span_context().clone();
    let ids = SpanIds::from_otel(&span);
    let workflow = WorkflowAttributes {
        correlation_id: Some(id::uuid().into()),
        causation_id: ids.is_some().then(|| ids.span_id().to_string().into()),
        trace_state: span.trace_state().clone(),
        baggage: context
            .baggage()
            .iter()
            .map(|(key, (value, _))| (key.to_string(), value.as_str().to_owned()))
            .collect(),
        ..WorkflowAttributes::default()
    };
    WorkflowContext::from_remote(workflow, ids)
}

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (key.parse::<http::HeaderName>(), value.parse()) {
            self.0.insert(name, value);
        }
    }
}

/// The headers of an incoming request, each as one text.
struct IncomingHeaders {
    traceparent: Option<String>,
    tracestate: Option<String>,
    baggage: Option<String>,
}

impl IncomingHeaders {
    fn from(headers: &HeaderMap) -> Self {
        // A list may span several headers. Two `traceparent` headers are ambiguous, so neither is used.
        let lines = |name| headers.get_all(name).iter().map(http::HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
        let list = |name| {
            let text = lines(name).ok().filter(|lines| !lines.is_empty())?.join(",");
            (text.len() <= LONGEST_HEADER).then_some(text)
        };
        let single = |name| list(name).filter(|_| headers.get_all(name).iter().count() == 1);
        Self { traceparent: single("traceparent"), tracestate: list("tracestate"), baggage: list("baggage") }
    }
}

impl Extractor for IncomingHeaders {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent.as_deref(),
            "tracestate" => self.tracestate.as_deref(),
            "baggage" => self.baggage.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        ["traceparent", "tracestate", "baggage"].into_iter().filter(|key| self.get(key).is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{extract, inject};
    use http::HeaderMap;

    fn hop(headers: &[(&'static str, &str)]) -> Vec<(String, String)> {
        let mut received = HeaderMap::new();
        for &(name, value) in headers {
            received.append(name, value.parse().unwrap());
        }
        let headers = received;
        let mut onward = HeaderMap::new();
        extract(&headers).run(|| inject(&mut onward));
        onward.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn incoming_headers_are_sent_onward() {
        let parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
        let mut onward = hop(&[parent, ("tracestate", "a=1,b=2"), ("baggage", "tenant=blue")]);
        onward.sort();
        let expected = [("baggage", "tenant=blue"), parent, ("tracestate", "a=1,b=2")];
        assert_eq!(onward, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_list_may_span_headers_and_a_parent_may_not() {
        let parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let spread = [parent, ("tracestate", "a=1"), ("tracestate", "b=2")];
        assert_eq!(hop(&spread).last().map(|(_, value)| value.as_str()), Some("a=1,b=2"));
        assert_eq!(hop(&[parent, parent]), []);
    }

    #[test]
    fn a_malformed_or_oversized_header_is_dropped_whole() {
        let zero_trace = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        for bad in ["", "00-xyz", zero_trace, "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"] {
            assert_eq!(hop(&[("traceparent", bad)]), [], "{bad}");
        }
        assert_eq!(hop(&[("baggage", &format!("a={}", "x".repeat(9_000)))]), []);
    }
}
