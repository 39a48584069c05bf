//! The identifiers of the current trace and span, for programs and for their log lines.

use std::fmt::{self, Write};

use opentelemetry::trace::{SpanId, TraceId};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::frame::with_current;
use super::host;
use crate::id::SpanIds;

/// Returns the id of the current trace, `None` outside of traces.
///
/// The current span is that of the innermost annotated call, or a span that the program itself opened inside it, with
/// OpenTelemetry's API or with `tracing-opentelemetry`. Unsampled traces have ids as well. Without `init` and without a
/// span of the program there is no trace.
///
/// ```
/// use tta_runtime::{primitive, propagation};
///
/// #[primitive(type = "tool", action = "call")]
/// fn trace() -> Option<String> {
///     tta_runtime::trace_id().map(|id| id.to_string())
/// }
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap());
/// let in_trace = propagation::extract(&headers).run(trace);
/// assert_eq!(in_trace.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
/// assert_eq!(trace(), None);
/// ```
#[must_use]
pub fn trace_id() -> Option<TraceId> {
    current_ids().map(SpanIds::trace_id)
}

/// Returns the id of the current span, `None` outside of traces; see [`trace_id`].
///
/// ```
/// assert_eq!(tta_runtime::span_id(), None);
/// ```
#[must_use]
pub fn span_id() -> Option<SpanId> {
    current_ids().map(SpanIds::span_id)
}

fn current_ids() -> Option<SpanIds> {
    let own = with_current(|frame| frame.ids)?;
    let ids = host::host_span(&own).map_or(own, |(ids, _)| ids);
    ids.is_some().then_some(ids)
}

/// Adds the ids of the current trace and span to each log line of a `tracing-subscriber` format.
///
/// A JSON line gets the fields `trace_id` and `span_id`, which Grafana's Loki and others link to the trace; any other line
/// begins with `trace_id=… span_id=…`. Lines outside of traces stay as they are.
///
/// ```
/// tracing_subscriber::fmt().json().map_event_format(tta_runtime::with_trace_ids).init();
/// tracing::info!("inside of a call, this line names its trace");
/// ```
pub fn with_trace_ids<F>(format: F) -> WithTraceIds<F> {
    WithTraceIds { format }
}

/// A format that adds the ids of the current trace and span; see [`with_trace_ids`].
#[derive(Clone, Copy, Debug)]
pub struct WithTraceIds<F> {
    format: F,
}

impl<S, N, F> FormatEvent<S, N> for WithTraceIds<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(ids) = current_ids() else { return self.format.format_event(context, writer, event) };
        let ids = Ids { trace: ids.trace_id(), span: ids.span_id() };
        // Only text formats have colours, and a colour would be lost in the writer below.
        if writer.has_ansi_escapes() {
            write!(writer, "{ids}")?;
            return self.format.format_event(context, writer, event);
        }
        let mut inserting = Inserting { writer, ids: Some(ids) };
        self.format.format_event(context, Writer::new(&mut inserting), event)
    }
}

/// The ids as they begin a line of text.
struct Ids {
    trace: TraceId,
    span: SpanId,
}

impl fmt::Display for Ids {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "trace_id={} span_id={} ", self.trace, self.span)
    }
}

/// Inserts the ids when the line begins: as fields after the brace of a JSON object, and before any other text.
struct Inserting<'a> {
    writer: Writer<'a>,
    ids: Option<Ids>,
}

impl Write for Inserting<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.is_empty() {
            return Ok(());
        }
        let Some(ids) = self.ids.take() else { return self.writer.write_str(text) };
        let Some(fields) = text.strip_prefix('{') else { return write!(self.writer, "{ids}{text}") };
        write!(self.writer, "{{\"trace_id\":\"{}\",\"span_id\":\"{}\",{fields}", ids.trace, ids.span)
    }
}
