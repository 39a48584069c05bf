//! The targets that a Prometheus scrapes.

use serde::Deserialize;

use super::access::{Access, Asked};
use super::address::Address;
use super::unreachable::Unreachable;
use crate::address::{masked, masked_within};

/// A target of a Prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The address that is scraped, such as `http://127.0.0.1:9464/metrics`.
    pub scrape_url: String,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// The error of the last scrape, with addresses without their secrets; empty if it succeeded.
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

/// Asks a Prometheus at an address such as `http://127.0.0.1:9090` for its targets. It does not get the programs' token.
///
/// # Errors
///
/// Returns an error if it does not answer, wants credentials, or is no Prometheus.
pub fn targets(address: &Address, access: &Access) -> Result<Vec<Target>, Unreachable> {
    let page = address.page("api/v1/targets");
    let unreachable = |reason: String| Unreachable { url: masked(page.as_str()), reason };
    let mut url = page.clone();
    url.query_pairs_mut().append_pair("state", "active");
    let text = access.page(Asked::Prometheus, &url).map_err(|error| unreachable(error.reason))?.unwrap_or_default();
    let answer = serde_json::from_str::<Answer>(&text);
    let answer = answer.map_err(|error| unreachable(format!("it is not the answer of a Prometheus: {error}")))?;
    let mut targets = answer.data.active_targets;
    // The error of a scrape quotes its address.
    for target in &mut targets {
        target.last_error = masked_within(&target.last_error);
    }
    Ok(targets)
}
