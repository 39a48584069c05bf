//! Programs that nobody scrapes.

use crate::doctor::finding::{Finding, time};
use crate::doctor::patients::Patients;
use crate::doctor::program::Program;
use crate::doctor::targets::Target;

/// The age of the last scrape, or of a program that was never scraped, from which scrapes are missing: five times the usual
/// interval of a minute.
const MISSING_SECONDS: f64 = 300.0;

pub(super) fn check(patients: &Patients) -> Vec<Finding> {
    match &patients.targets {
        Some(targets) => patients.programs.iter().filter_map(|program| among(program, targets)).collect(),
        None => patients.programs.iter().filter_map(missing).collect(),
    }
}

/// Looks a program up among the targets of a Prometheus.
fn among(program: &Program, targets: &[Target]) -> Option<Finding> {
    let url = format!("{}/metrics", program.address);
    match targets.iter().find(|target| is_same(&target.scrape_url, &url)) {
        None => Some(Finding::of(
            program,
            "Prometheus has no target for it".to_owned(),
            "add its address to `scrape_configs`, or ask under the address that is there",
        )),
        Some(target) if target.health == "down" => Some(Finding::of(
            program,
            format!("Prometheus cannot scrape it: {}", target.last_error),
            "correct the target in `scrape_configs`",
        )),
        Some(_) => None,
    }
}

/// Returns whether two addresses lead to the same page, whatever loopback is called, with TLS or without: a target with the
/// wrong scheme is a fault of its own.
fn is_same(one: &str, other: &str) -> bool {
    let parse = |url: &str| {
        let url = reqwest::Url::parse(url).ok()?;
        let host = url.host_str()?;
        let host = if ["localhost", "[::1]"].contains(&host) { "127.0.0.1" } else { host };
        Some((host.to_owned(), url.port_or_known_default(), url.path().to_owned()))
    };
    parse(one).is_some_and(|one| parse(other) == Some(one))
}

/// Asks the program itself when it was last scraped.
fn missing(program: &Program) -> Option<Finding> {
    let status = program.status.as_ref()?;
    let fault = silence(status.last_scrape_age_seconds, status.uptime_seconds)?;
    let remedy = "check that Prometheus runs and has its address in `scrape_configs` (`--prometheus` says more)";
    Some(Finding::of(program, fault, remedy))
}

/// Returns what is wrong if the last scrape was too long ago, or if there was none for too long.
fn silence(last_scrape_age_seconds: Option<f64>, uptime_seconds: f64) -> Option<String> {
    match last_scrape_age_seconds {
        Some(age) if age > MISSING_SECONDS => Some(format!("its last scrape was {} ago", time(age))),
        None if uptime_seconds > MISSING_SECONDS => {
            Some(format!("nobody has scraped it since it started {} ago", time(uptime_seconds)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_same, silence};

    #[test]
    fn loopback_has_several_names() {
        assert!(is_same("http://localhost:9464/metrics", "http://127.0.0.1:9464/metrics"));
        assert!(is_same("http://a/metrics", "http://a:80/metrics"));
        assert!(is_same("https://a:9464/metrics", "http://a:9464/metrics"));
        assert!(!is_same("https://a/metrics", "http://a/metrics"));
        assert!(!is_same("http://127.0.0.1:9464/metrics", "http://127.0.0.1:9465/metrics"));
    }
    #[test]
    fn five_minutes_without_a_scrape_are_too_long() {
        assert_eq!([silence(None, 299.0), silence(Some(299.0), 9_000.0)], [None, None]);
        let never = silence(None, 7_300.0);
        assert_eq!(never.as_deref(), Some("nobody has scraped it since it started 2 h ago"));
        assert_eq!(silence(Some(301.0), 9_000.0).as_deref(), Some("its last scrape was 5 min ago"));
    }
}
