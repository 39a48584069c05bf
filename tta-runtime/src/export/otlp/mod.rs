//! Exports traces, metrics and the events of generative AI over OTLP (HTTP, protobuf).

mod answer;
mod attributes;
mod collector;
mod credentials;
mod delta;
mod encoding;
mod log_request;
mod logs;
mod metric_request;
mod metrics;
mod signal_variables;
mod span_request;
mod spans;
mod stream_form;

pub(crate) use metrics::{LastMetrics, MetricsPush, PreparedPush, prepare_metrics};

use std::sync::Arc;

use self::collector::Collector;
use self::logs::LogSink;
use self::signal_variables::{LOGS, TRACES};
use self::spans::SpanSink;
use crate::configuration::{InitError, ReadVariable};
use crate::span::{Exporter, Signal, Sink};

/// The requests with spans that may be on their way to the collector at the same time.
const SPAN_REQUESTS: usize = 4;

/// Returns the exporter of traces, with a sink for each request at a time, if the environment names an endpoint.
pub(crate) fn span_exporter(read: ReadVariable<'_>) -> Result<Option<Exporter>, InitError> {
    let Some(collector) = Collector::configured(&TRACES, read)?.map(Arc::new) else { return Ok(None) };
    let sink = || Box::new(SpanSink::new(Arc::clone(&collector))) as Box<dyn Sink>;
    Ok(Some(Exporter { signal: Signal::Traces, sinks: std::iter::repeat_with(sink).take(SPAN_REQUESTS).collect() }))
}

/// Returns the exporter of log records, if the environment names an exporter or an endpoint for them.
///
/// The common endpoint alone does not choose it: few receivers of traces take logs.
pub(crate) fn log_exporter(read: ReadVariable<'_>) -> Result<Option<Exporter>, InitError> {
    if read(LOGS.endpoint).is_none() && (LOGS.exporters)(read)?.is_none() {
        return Ok(None);
    }
    let collector = Collector::configured(&LOGS, read)?;
    Ok(collector.map(|collector| Exporter { signal: Signal::Logs, sinks: vec![Box::new(LogSink::new(collector))] }))
}
