//! A running program, by its own answers.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::StatusCode;
use serde::Deserialize;
use tta_runtime::View;

use super::access::{Access, Asked};
use super::address::Address;
use super::sample::{Sample, samples};
use super::unreachable::Unreachable;
use crate::address::masked;
use crate::annotated::detect_other_view;

/// A running program.
#[derive(Debug)]
pub struct Program {
    /// The address, without the path of a page.
    pub address: Address,
    /// The answer of `/status`; `None` if the program serves its metrics itself, and no such page.
    pub(super) status: Option<Status>,
    /// Whether `/readyz` says that the program is stopping.
    pub(super) is_stopping: bool,
    /// How far the program's clock is ahead of this machine's, in seconds; `None` without a status.
    pub(super) clock_ahead_seconds: Option<f64>,
    /// The view that the program exposes, if it has none of the metrics that the checks read.
    pub(super) other_view: Option<View>,
    samples: Vec<Sample>,
}

/// The page `/status`.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) service_name: String,
    pub(super) service_instance_id: Option<String>,
    time_unix_seconds: f64,
    pub(super) uptime_seconds: f64,
    pub(super) last_scrape_age_seconds: Option<f64>,
    pub(super) failing_exports: Vec<FailingExport>,
    pub(super) variables: Vec<String>,
}

/// An exporter whose last attempt failed.
#[derive(Debug, Deserialize)]
pub(super) struct FailingExport {
    pub(super) signal: String,
    pub(super) for_seconds: f64,
    pub(super) error: String,
}

impl Program {
    /// Asks the program at an address.
    ///
    /// # Errors
    ///
    /// Returns an error if the program does not answer, refuses the token, or serves no metrics of this library.
    pub fn ask(address: &Address, access: &Access) -> Result<Self, Unreachable> {
        let asked = unix_seconds();
        // Before the metrics, whose reading a program of another version may count as a scrape.
        let status = Status::ask(address, access)?;
        let local = f64::midpoint(asked, unix_seconds());
        let url = address.page("metrics");
        let error = |reason: &str| Unreachable { url: masked(url.as_str()), reason: reason.to_owned() };
        let text = access.page(Asked::Program, &url)?.ok_or_else(|| error("there is no such page"))?;
        let samples = samples(&text);
        let other_view = if samples.iter().any(|sample| sample.name.starts_with("tta_")) {
            None
        } else {
            // A view without the library's own names has no series before the first call of a model.
            let unseen = || status.as_ref().and_then(|_| view_without_own_names());
            let view = detect_other_view(&text).or_else(unseen);
            Some(view.ok_or_else(|| error("these are not the metrics of a program that TTA observes"))?)
        };
        let is_stopping = status.is_some() && is_stopping(address, access);
        let clock_ahead_seconds = status.as_ref().map(|status| status.time_unix_seconds - local);
        Ok(Self { address: address.clone(), status, is_stopping, clock_ahead_seconds, other_view, samples })
    }

    /// Returns whether the program has the page that says more than its metrics.
    pub fn has_status(&self) -> bool {
        self.status.is_some()
    }

    /// Returns the samples of a metric that are above a bound.
    pub(super) fn above(&self, name: &str, bound: f64) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| sample.name == name && sample.value > bound)
    }

    /// Returns whether metrics have arrived at a collector.
    pub(super) fn exports_metrics(&self) -> bool {
        let mut exports = self.above("tta_telemetry_exports_total", 0.0);
        exports.any(|sample| sample.label("signal") == "metrics" && sample.label("result") == "ok")
    }

    /// Returns the sum of a metric's samples.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.samples.iter().filter(|sample| sample.name == name).map(|sample| sample.value).sum()
    }
}

impl Status {
    /// Asks for the page. Any other answer than this library's is a page of the program's own, or none.
    fn ask(address: &Address, access: &Access) -> Result<Option<Self>, Unreachable> {
        let answer = access.get(Asked::Program, &address.page("status"))?;
        let text = if answer.status() == StatusCode::OK { answer.text().ok() } else { None };
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

/// Returns whether the program says that it is stopping; a page that cannot be read says nothing.
fn is_stopping(address: &Address, access: &Access) -> bool {
    let answer = access.get(Asked::Program, &address.page("readyz"));
    answer.is_ok_and(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE)
}

/// Returns the view that shows none of the library's own names.
fn view_without_own_names() -> Option<View> {
    let has_own_names = |view: View| view.exposed().iter().any(|metric| metric.name.starts_with("tta_"));
    View::ALL.iter().copied().find(|&view| !has_own_names(view))
}

fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
