//! Exports traces and metrics over OTLP (HTTP, protobuf).

mod metrics;
mod request;

use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};

pub(crate) use metrics::{MetricsPush, PreparedPush, prepare_metrics};

use crate::configuration::InitError;
use crate::configuration::ReadVariable;
use crate::span::{ExporterSink, Sink};

/// Returns the sink for traces, if the environment names an endpoint.
pub(crate) fn span_sink(read: ReadVariable<'_>) -> Result<Option<Box<dyn Sink>>, InitError> {
    if endpoint(read, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces").is_none() {
        return Ok(None);
    }
    // The exporter reads the endpoint, the headers and the timeout from the environment itself.
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).build();
    let exporter = exporter.map_err(|source| InitError::Exporter { signal: "traces", source: source.into() })?;
    Ok(Some(Box::new(ExporterSink(exporter))))
}

/// Returns the endpoint of a signal: its own as it is, or the common one followed by the signal's path.
fn endpoint(read: ReadVariable<'_>, own: &str, path: &str) -> Option<String> {
    let common = || Some(format!("{}{path}", read("OTEL_EXPORTER_OTLP_ENDPOINT")?.trim().trim_end_matches('/')));
    read(own).or_else(common)
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn the_signal_s_own_endpoint_wins_and_is_taken_as_it_is() {
        let of = |variables: &'static [(&str, &str)]| {
            let read =
                |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned());
            endpoint(&read, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "/v1/metrics")
        };
        const COMMON: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/");
        const OWN: (&str, &str) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://localhost:4319/here");
        assert_eq!(of(&[COMMON]).as_deref(), Some("http://localhost:4318/v1/metrics"));
        assert_eq!(of(&[COMMON, OWN]).as_deref(), Some("http://localhost:4319/here"));
        assert_eq!(of(&[]), None);
    }
}
