//! The targets that a Prometheus scrapes.

use serde::Deserialize;

use super::program::{Access, Unreachable};

/// A target of a Prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The address that is scraped, such as `http://127.0.0.1:9464/metrics`.
    pub scrape_url: String,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// The error of the last scrape, empty if it succeeded.
    pub last_error: String,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    active_targets: Vec<Target>,
}

/// Asks a Prometheus at an address such as `http://127.0.0.1:9090` for its targets.
///
/// # Errors
///
/// Returns an error if it does not answer, or is no Prometheus.
pub fn targets(address: &str, access: &Access) -> Result<Vec<Target>, Unreachable> {
    let url = format!("{}/api/v1/targets?state=active", address.trim_end_matches('/'));
    let text = access.page(&url)?.unwrap_or_default();
    let answer = serde_json::from_str::<Answer>(&text);
    let answer = answer
        .map_err(|error| Unreachable { url, reason: format!("it is not the answer of a Prometheus: {error}") })?;
    Ok(answer.data.active_targets)
}
