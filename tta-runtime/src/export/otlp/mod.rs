//! Exports traces and metrics over OTLP (HTTP, protobuf).

mod answer;
mod attributes;
mod collector;
mod credentials;
mod delta;
mod encoding;
mod metric_request;
mod metrics;
mod protobuf;
mod span_request;
mod spans;
mod stream_form;

pub(crate) use metrics::{LastMetrics, MetricsPush, PreparedPush, prepare_metrics};

use self::collector::{Collector, TRACES};
use self::spans::SpanSink;
use crate::configuration::{InitError, ReadVariable};
use crate::span::Sink;

/// Returns the sink for traces, if the environment names an endpoint.
pub(crate) fn span_sink(read: ReadVariable<'_>) -> Result<Option<Box<dyn Sink>>, InitError> {
    let collector = Collector::configured(&TRACES, read)?;
    Ok(collector.map(|collector| Box::new(SpanSink::new(collector)) as Box<dyn Sink>))
}
