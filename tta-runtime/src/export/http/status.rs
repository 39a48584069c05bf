//! The page `/status`: what the metrics cannot say of the program that serves them, for `tta doctor`.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, UNIX_EPOCH};

use http::HeaderMap;
use http::header::USER_AGENT;
use opentelemetry::Key;
use opentelemetry_sdk::Resource;
use serde::Serialize;

use crate::outages::{self, Outage};
use crate::recorder::Recorder;
use crate::redactor::redact_keys;

/// The program behind the page.
pub(super) struct Status {
    service: Service,
    started: Instant,
    recorder: &'static Recorder,
    last_scrape: Mutex<Option<Instant>>,
}

/// The names of the program in its traces and metrics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Service {
    name: String,
    instance_id: Option<String>,
}

/// The page. It has the names of variables, and never their values.
#[derive(Serialize)]
struct Page<'a> {
    version: &'static str,
    service_name: &'a str,
    service_instance_id: Option<&'a str>,
    time_unix_seconds: f64,
    uptime_seconds: f64,
    /// `null` if nobody has scraped the program yet.
    last_scrape_age_seconds: Option<f64>,
    failing_exports: Vec<FailingExport>,
    variables: Vec<String>,
}

#[derive(Serialize)]
struct FailingExport {
    signal: &'static str,
    for_seconds: f64,
    error: String,
}

impl Service {
    pub(crate) fn of(resource: &Resource) -> Self {
        let attribute = |key| resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned());
        Self { name: attribute("service.name").unwrap_or_default(), instance_id: attribute("service.instance.id") }
    }
}

impl Status {
    pub(super) fn new(service: Service, recorder: &'static Recorder) -> Self {
        Self { service, started: Instant::now(), recorder, last_scrape: Mutex::default() }
    }

    /// Notes a scrape, unless it is that of `tta doctor`, which asks when the last one was.
    pub(super) fn note_scrape(&self, headers: &HeaderMap) {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        if !agent.starts_with("tta-doctor/") {
            *self.last_scrape.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Returns the page as JSON.
    pub(super) fn page(&self) -> serde_json::Result<String> {
        let last_scrape = *self.last_scrape.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = &self.recorder.clock;
        let now = clock.anchor().wall(clock.now());
        let failing = |Outage { signal, lasts, error }| FailingExport {
            signal,
            for_seconds: lasts.as_secs_f64(),
            // The error of an exporter of the program may have anything in it.
            error: redact_keys(&error).into_owned(),
        };
        serde_json::to_string(&Page {
            version: env!("CARGO_PKG_VERSION"),
            service_name: &self.service.name,
            service_instance_id: self.service.instance_id.as_deref(),
            time_unix_seconds: now.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()),
            uptime_seconds: self.started.elapsed().as_secs_f64(),
            last_scrape_age_seconds: last_scrape.map(|scrape| scrape.elapsed().as_secs_f64()),
            failing_exports: outages::outages().into_iter().map(failing).collect(),
            variables: variables(),
        })
    }
}

/// Returns the names of the variables that configure this library or OpenTelemetry, in alphabetical order.
fn variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("TTA_") || name.starts_with("OTEL_")).collect();
    names.sort();
    names
}
