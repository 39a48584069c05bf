//! Sends the metrics to a collector at an interval, and once more at shutdown.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use percent_encoding::percent_decode_str;
use prost::Message;

use super::{endpoint, request};
use crate::clock::nanoseconds;
use crate::configuration::InitError;
use crate::configuration::{EnvironmentError, ReadVariable};
use crate::export::families;
use crate::export::registry::registry;
use crate::host_log::catch_panic;
use crate::recorder::GLOBAL;
use crate::schema::Id;
use crate::snapshot::view::View;

/// The handle of the thread that sends the metrics.
#[derive(Debug)]
pub(crate) struct MetricsPush {
    stop: Sender<Sender<()>>,
}

impl MetricsPush {
    /// Sends the metrics a last time, waiting at most for `deadline`.
    pub(crate) fn stop(self, deadline: Duration) {
        let (done, answer) = channel();
        if self.stop.send(done).is_ok() {
            let _ = answer.recv_timeout(deadline);
        }
    }
}

/// A push of metrics that is configured and not started.
pub(crate) struct PreparedPush {
    sending: Sending,
    interval: Duration,
}

/// Returns the push of metrics, if the environment names an endpoint.
pub(crate) fn prepare_metrics(
    resource: Resource,
    views: Vec<View>,
    read: ReadVariable<'_>,
) -> Result<Option<PreparedPush>, EnvironmentError> {
    let Some(url) = endpoint(read, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "/v1/metrics") else { return Ok(None) };
    let milliseconds = |variable, default| milliseconds(read, variable, default);
    let interval = milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 60_000)?;
    let timeout = match read("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT") {
        Some(_) => milliseconds("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", 10_000)?,
        None => milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000)?,
    };
    let headers = headers(
        &read("OTEL_EXPORTER_OTLP_METRICS_HEADERS").or_else(|| read("OTEL_EXPORTER_OTLP_HEADERS")).unwrap_or_default(),
    );
    Ok(Some(PreparedPush { sending: Sending { url, timeout, headers, resource, views, failing: false }, interval }))
}

impl PreparedPush {
    /// Starts the thread that sends the metrics.
    pub(crate) fn start(self) -> Result<MetricsPush, InitError> {
        let Self { mut sending, interval } = self;
        let (stop, stopped) = channel();
        let thread =
            thread::Builder::new().name("tta-otlp-metrics".into()).spawn(move || sending.run(interval, &stopped));
        thread.map_err(InitError::Thread)?;
        Ok(MetricsPush { stop })
    }
}

fn milliseconds(read: ReadVariable<'_>, variable: &'static str, default: u64) -> Result<Duration, EnvironmentError> {
    let Some(value) = read(variable) else { return Ok(Duration::from_millis(default)) };
    let number = value.trim().parse().ok().filter(|&number: &u64| number > 0);
    let expected = "a whole number of milliseconds above 0";
    number.map(Duration::from_millis).ok_or(EnvironmentError { variable, value, expected })
}

/// Parses `name=value,name=value` with percent-encoded values; skips invalid headers.
fn headers(text: &str) -> http::HeaderMap {
    text.split(',')
        .filter_map(|pair| pair.split_once('='))
        .filter_map(|(name, value)| {
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            Some((name.trim().parse::<http::HeaderName>().ok()?, value.parse::<http::HeaderValue>().ok()?))
        })
        .collect()
}

struct Sending {
    url: String,
    timeout: Duration,
    headers: http::HeaderMap,
    resource: Resource,
    views: Vec<View>,
    /// True if the last attempt failed: an outage is logged when it begins and when it ends.
    failing: bool,
}

impl Sending {
    fn run(&mut self, interval: Duration, stopped: &Receiver<Sender<()>>) {
        // Created on this thread: a blocking client must not be created inside an async runtime.
        let client = reqwest::blocking::Client::builder().timeout(self.timeout).build();
        loop {
            let stopping = stopped.recv_timeout(interval);
            if matches!(stopping, Err(RecvTimeoutError::Disconnected)) {
                return;
            }
            let start = Instant::now();
            let send = || client.as_ref().map_err(ToString::to_string).and_then(|client| self.send(client));
            // The host's collectors run in here.
            let result =
                catch_unwind(AssertUnwindSafe(send)).unwrap_or_else(|_| Err("a collector panicked".to_owned()));
            GLOBAL.add(Id::TelemetryExports, &["metrics", if result.is_ok() { "ok" } else { "error" }], 1);
            GLOBAL.add(Id::TelemetryExportDuration, &["metrics"], nanoseconds(start.elapsed()));
            self.log(result);
            if let Ok(done) = stopping {
                let _ = done.send(());
                return;
            }
        }
    }

    /// Sends all metrics. An error is not retried: the numbers are cumulative, so the next push contains them.
    fn send(&self, client: &reqwest::blocking::Client) -> Result<(), String> {
        let families = families::gather(&GLOBAL, registry(), &self.views);
        let body = request::encode(&families, &self.resource, &GLOBAL.clock).encode_to_vec();
        let request = client
            .post(&self.url)
            .headers(self.headers.clone())
            .header("content-type", "application/x-protobuf")
            .body(body);
        let response = request.send().map_err(|error| error.to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("the collector answered {status}")) }
    }

    fn log(&mut self, result: Result<(), String>) {
        match result {
            Ok(()) if std::mem::take(&mut self.failing) => {
                catch_panic(|| tracing::info!(target: "tta::telemetry", "metrics export works again"));
            }
            Err(error) if !std::mem::replace(&mut self.failing, true) => {
                catch_panic(
                    || tracing::warn!(target: "tta::telemetry", error, "metrics export fails; the next one will contain all"),
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::headers;

    #[test]
    fn headers_are_read_as_the_specification_writes_them() {
        let headers = headers("authorization=Bearer%20a=b, x-team=blue,broken");
        assert_eq!(
            (headers.len(), &headers["authorization"], &headers["x-team"]),
            (2, &"Bearer a=b".parse().unwrap(), &"blue".parse().unwrap())
        );
    }
}
