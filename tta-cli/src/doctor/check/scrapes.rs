//! Programs that nobody scrapes.

use crate::doctor::examined::Examined;
use crate::doctor::finding::{Finding, time};
use crate::doctor::program::Program;
use crate::doctor::targets::Target;

/// The age of the last scrape, or of a program that was never scraped, from which scrapes are missing: five times the usual
/// interval of a minute.
const MISSING_SECONDS: f64 = 300.0;

pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    match &examined.targets {
        Some(targets) => examined.programs.iter().filter_map(|program| among(program, targets)).collect(),
        None => examined.programs.iter().filter_map(missing).collect(),
    }
}

/// Looks a program up among the targets of a Prometheus.
fn among(program: &Program, targets: &[Target]) -> Option<Finding> {
    match targets.iter().find(|target| program.address.is_scraped_at(&target.scrape_url)) {
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

/// Asks the program itself when it was last scraped; one that sends its metrics to a collector need not be.
fn missing(program: &Program) -> Option<Finding> {
    let status = program.status.as_ref().filter(|_| !program.exports_metrics())?;
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
    use super::silence;

    #[test]
    fn five_minutes_without_a_scrape_are_too_long() {
        assert_eq!([silence(None, 299.0), silence(Some(299.0), 9_000.0)], [None, None]);
        let never = silence(None, 7_300.0);
        assert_eq!(never.as_deref(), Some("nobody has scraped it since it started 2 h ago"));
        assert_eq!(silence(Some(301.0), 9_000.0).as_deref(), Some("its last scrape was 5 min ago"));
    }
}
