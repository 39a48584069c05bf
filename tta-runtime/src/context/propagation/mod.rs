//! Trace context across processes: W3C `traceparent`, `tracestate` and `baggage` in HTTP headers.

mod baggage;
mod traceparent;
mod tracestate;

use http::{HeaderMap, HeaderValue};

use self::baggage::Baggage;
use crate::context::WorkflowContext;
use crate::context::frame::with_current;
use crate::id::SpanIds;
use crate::setting::Setting;
use crate::workflow_attributes::WorkflowAttributes;
use crate::workflow_id::WorkflowId;

/// The longest header that is read, in bytes: headers come from outside, and each call would carry them along.
const LONGEST_HEADER: usize = 8_192;

/// The formats of the context that crosses processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Propagators {
    /// W3C Trace Context: `traceparent` and `tracestate`.
    pub(crate) trace_context: bool,
    /// W3C Baggage.
    pub(crate) baggage: bool,
}

impl Default for Propagators {
    /// Both, by OpenTelemetry's specification.
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}

static PROPAGATORS: Setting<Propagators> = Setting::new();

/// Sets the headers that are written and read from now on.
pub(crate) fn set_propagators(propagators: Propagators) {
    PROPAGATORS.set(Some(propagators));
}

fn propagators() -> Propagators {
    PROPAGATORS.get().copied().unwrap_or_default()
}

/// Writes the current span and the baggage into the headers of an outgoing request.
///
/// Omits `traceparent` without a current span, as when spans are not recorded. `OTEL_PROPAGATORS` may leave out headers.
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
    let propagators = propagators();
    if propagators.baggage
        && let Some(workflow) = here.workflow.as_ref().filter(|workflow| !workflow.baggage.is_empty())
    {
        let baggage = baggage::header(&workflow.baggage, &workflow.baggage_properties, LONGEST_HEADER);
        set(headers, "baggage", baggage);
    }
    if propagators.trace_context && here.ids.is_some() {
        let (ids, flags) = (here.ids, u8::from(here.ids.is_sampled()));
        set(headers, "traceparent", format!("00-{}-{}-{flags:02x}", ids.trace_id(), ids.span_id()));
        set(headers, "tracestate", here.trace_state().header());
    }
}

/// Sets a header, or removes it if it would be empty: a state that was there belongs to another parent.
fn set(headers: &mut HeaderMap, name: &'static str, value: String) {
    match HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
    }
}

/// Reads the headers of an incoming request. Work in the returned context continues the request's trace.
///
/// Drops a header that is malformed or longer than 8 KiB. Without a valid `traceparent`, the work begins a new trace.
#[must_use]
pub fn extract(headers: &HeaderMap) -> WorkflowContext {
    let propagators = propagators();
    let lines = |name| Lines::of(headers, name);
    let parent = lines("traceparent").filter(|_| propagators.trace_context).and_then(Lines::single);
    let ids = parent.and_then(traceparent::parse).unwrap_or(SpanIds::NONE);
    let state = lines("tracestate").filter(|_| ids.is_some());
    let trace_state = state.and_then(|lines| tracestate::parse(lines.iter()));
    let baggage = lines("baggage").filter(|_| propagators.baggage).and_then(|lines| baggage::parse(|| lines.iter()));
    let Baggage { values, properties } = baggage.unwrap_or_default();
    let mut workflow = WorkflowAttributes {
        correlation_id: Some(WorkflowId::new()),
        causation_id: ids.is_some().then(|| ids.span_id().to_string().into()),
        trace_state: trace_state.unwrap_or_default(),
        baggage: values.into(),
        baggage_properties: properties.into(),
        ..WorkflowAttributes::default()
    };
    workflow.begin_agent_run();
    WorkflowContext::from_remote(workflow, ids)
}

/// The lines of a header.
#[derive(Clone, Copy)]
struct Lines<'a> {
    headers: &'a HeaderMap,
    name: &'static str,
}

impl<'a> Lines<'a> {
    /// Returns the lines, unless they are longer than 8 KiB with the commas between them.
    ///
    /// The lines are not joined: nothing is allocated for a header that is refused.
    fn of(headers: &'a HeaderMap, name: &'static str) -> Option<Self> {
        let lines = Self { headers, name };
        let mut length = 0;
        let fits = lines.iter().all(|line| {
            length += line.len() + 1;
            length <= LONGEST_HEADER + 1
        });
        fits.then_some(lines)
    }

    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        self.headers.get_all(self.name).iter().map(HeaderValue::as_bytes)
    }

    /// Returns the only line: of two `traceparent` headers neither is used.
    fn single(self) -> Option<&'a [u8]> {
        let mut lines = self.iter();
        let line = lines.next()?;
        lines.next().is_none().then_some(line)
    }
}

/// Removes HTTP's white space around a text.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests;
