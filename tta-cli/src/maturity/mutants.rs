//! Reads mutation scores from the report of `cargo mutants`, `mutants.out/outcomes.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::counts::Counts;

#[derive(Deserialize)]
struct Report {
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: String,
}

#[derive(Deserialize)]
enum Scenario {
    Baseline,
    Mutant { package: String },
}

/// Returns the mutants of each component that compiled, and how many of them tests caught. A test that timed out caught its mutant.
///
/// # Errors
///
/// Returns an error if the text is not such a report.
///
/// ```
/// let report = r#"{"outcomes": [
///     {"scenario": "Baseline", "summary": "Success"},
///     {"scenario": {"Mutant": {"package": "cache"}}, "summary": "CaughtMutant"},
///     {"scenario": {"Mutant": {"package": "cache"}}, "summary": "MissedMutant"},
///     {"scenario": {"Mutant": {"package": "cache"}}, "summary": "Unviable"}]}"#;
/// let counts = tta_cli::maturity::mutant_counts(report).unwrap();
/// assert_eq!(counts["cache"].ratio(), Some(0.5));
/// ```
pub fn mutant_counts(report: &str) -> Result<BTreeMap<String, Counts>, serde_json::Error> {
    let report: Report = serde_json::from_str(report)?;
    let mut components: BTreeMap<String, Counts> = BTreeMap::new();
    for outcome in report.outcomes {
        let Scenario::Mutant { package } = outcome.scenario else { continue };
        let good = match outcome.summary.as_str() {
            "CaughtMutant" | "Timeout" => 1,
            "MissedMutant" => 0,
            // A mutant that does not compile says nothing about tests.
            _ => continue,
        };
        let counts = components.entry(package).or_default();
        counts.good += good;
        counts.total += 1;
    }
    Ok(components)
}
