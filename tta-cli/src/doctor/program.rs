//! What a running program says of itself.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use serde::Deserialize;
use tta_runtime::View;

use super::sample::{Sample, samples};
use crate::annotated::detect_other_view;
use crate::http::innermost;

/// The longest time to wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How programs are asked.
#[derive(Debug)]
pub struct Access {
    client: Client,
    token: Option<String>,
}

/// An address that gives no answer which can be examined.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {url}: {reason}")]
pub struct Unreachable {
    /// What was asked.
    pub url: String,
    /// The reason.
    pub reason: String,
}

/// A running program.
#[derive(Debug)]
pub struct Program {
    /// The address, without the path of a page.
    pub address: String,
    /// What `/status` says; `None` if the program serves its metrics itself, and no such page.
    pub(super) status: Option<Status>,
    /// Whether `/readyz` says that the program is stopping.
    pub(super) is_stopping: bool,
    /// How far the program's clock is ahead of this machine's, in seconds; `None` without a status.
    pub(super) clock_ahead_seconds: Option<f64>,
    /// The view that the program exposes, if it is not that of the checks.
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

impl Access {
    /// Prepares requests with a bearer token, if there is one, and with trust in the authorities in a file, if one is given,
    /// beside those of the system.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or has no valid certificate.
    pub fn new(token: Option<String>, authorities: Option<&Path>) -> Result<Self, Unreachable> {
        // A scrape by this client does not count as one by Prometheus.
        let agent = concat!("tta-doctor/", env!("CARGO_PKG_VERSION"));
        let mut client = Client::builder().timeout(TIMEOUT).user_agent(agent);
        if let Some(path) = authorities {
            let error = |reason: String| Unreachable { url: path.display().to_string(), reason };
            let pem = std::fs::read(path).map_err(|reason| error(reason.to_string()))?;
            let certificates =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|reason| error(innermost(&reason)))?;
            if certificates.is_empty() {
                return Err(error("it has no certificate in PEM".to_owned()));
            }
            client = client.tls_certs_merge(certificates);
        }
        let client =
            client.build().map_err(|reason| Unreachable { url: "TLS".to_owned(), reason: innermost(&reason) })?;
        Ok(Self { client, token })
    }

    pub(super) fn get(&self, url: &str) -> Result<Response, Unreachable> {
        let request = self.client.get(url);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().map_err(|error| Unreachable { url: url.to_owned(), reason: innermost(&error) })
    }

    /// Returns the text of a page, `None` if there is no such page.
    pub(super) fn page(&self, url: &str) -> Result<Option<String>, Unreachable> {
        let response = self.get(url)?;
        let error = |reason: String| Unreachable { url: url.to_owned(), reason };
        match response.status() {
            StatusCode::OK => response.text().map(Some).map_err(|reason| error(innermost(&reason))),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED => Err(error("it needs a bearer token; give it with `--token-file`".to_owned())),
            other => Err(error(format!("it answers {other}"))),
        }
    }
}

impl Program {
    /// Asks the program at an address such as `http://127.0.0.1:9464`; the scheme, and the path of `/metrics`, may be there
    /// or not.
    ///
    /// # Errors
    ///
    /// Returns an error if the program does not answer, refuses the token, or serves no metrics.
    pub fn ask(address: &str, access: &Access) -> Result<Self, Unreachable> {
        let address = base(address);
        let asked = unix_seconds();
        // Before the metrics, whose reading a program of another version may count as a scrape.
        let status = access.page(&format!("{address}/status"))?;
        let local = f64::midpoint(asked, unix_seconds());
        let status: Option<Status> = status.and_then(|text| serde_json::from_str(&text).ok());
        let url = format!("{address}/metrics");
        let error = |reason: &str| Unreachable { url: url.clone(), reason: reason.to_owned() };
        let text = access.page(&url)?.ok_or_else(|| error("there is no such page"))?;
        let samples = samples(&text);
        let is_ours = samples.iter().any(|sample| sample.name.starts_with("tta_"));
        let other_view = if is_ours { None } else { detect_other_view(&text) };
        if !is_ours && other_view.is_none() {
            return Err(error("these are not the metrics of a program that TTA observes"));
        }
        let is_stopping = access.get(&format!("{address}/readyz"))?.status() == StatusCode::SERVICE_UNAVAILABLE;
        let clock_ahead_seconds = status.as_ref().map(|status| status.time_unix_seconds - local);
        Ok(Self { address, status, is_stopping, clock_ahead_seconds, other_view, samples })
    }

    /// Returns whether the program has the page that says more than its metrics.
    pub fn has_status(&self) -> bool {
        self.status.is_some()
    }

    /// Returns the samples of a metric that are above a bound.
    pub(super) fn above(&self, name: &str, bound: f64) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| sample.name == name && sample.value > bound)
    }

    /// Returns the sum of a metric's samples.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.samples.iter().filter(|sample| sample.name == name).map(|sample| sample.value).sum()
    }
}

/// Returns the address without the path of a page.
fn base(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let address = address.strip_suffix("/metrics").unwrap_or(address);
    if address.contains("://") { address.to_owned() } else { format!("http://{address}") }
}

fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn an_address_may_have_the_page_and_the_scheme_or_not() {
        let addresses = ["http://a:1", "http://a:1/", "http://a:1/metrics", "a:1", "a:1/metrics/"];
        assert_eq!(addresses.map(base), ["http://a:1"; 5]);
        assert_eq!(base("https://a/tta/metrics"), "https://a/tta");
    }
}
