//! Exports traces and metrics over OTLP (HTTP, protobuf).

mod answer;
mod attributes;
mod collector;
mod encoding;
mod metric_request;
mod metrics;
mod protobuf;
mod span_request;
mod spans;

pub(crate) use metrics::{LastMetrics, MetricsPush, PreparedPush, prepare_metrics};

use self::collector::{Collector, TRACES};
use self::spans::SpanSink;
use crate::configuration::{EnvironmentError, ReadVariable};
use crate::span::Sink;

/// Returns the sink for traces, if the environment names an endpoint.
pub(crate) fn span_sink(read: ReadVariable<'_>) -> Result<Option<Box<dyn Sink>>, EnvironmentError> {
    let collector = Collector::configured(&TRACES, read)?;
    Ok(collector.map(|collector| Box::new(SpanSink::new(collector)) as Box<dyn Sink>))
}
