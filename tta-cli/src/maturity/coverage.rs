//! Reads line coverage from the report of `cargo llvm-cov --json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::counts::Counts;
use super::package::component_of;

#[derive(Deserialize)]
struct Report {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    lines: Lines,
}

#[derive(Deserialize)]
struct Lines {
    count: u64,
    covered: u64,
}

/// Returns the lines of each component, and how many of them tests execute.
///
/// # Errors
///
/// Returns an error if the text is not such a report.
///
/// ```
/// let report = r#"{"data": [{"files": [{"filename": "/w/cache/src/lib.rs", "summary": {"lines": {"count": 4, "covered": 3}}}]}]}"#;
/// let counts = tta_cli::maturity::line_counts(report, "/w").unwrap();
/// assert_eq!(counts["cache"].ratio(), Some(0.75));
/// ```
pub fn line_counts(report: &str, root: &str) -> Result<BTreeMap<String, Counts>, serde_json::Error> {
    let report: Report = serde_json::from_str(report)?;
    let mut components: BTreeMap<String, Counts> = BTreeMap::new();
    for file in report.data.into_iter().flat_map(|data| data.files) {
        let Some(component) = component_of(&file.filename, root) else { continue };
        let counts = components.entry(component).or_default();
        counts.good += file.summary.lines.covered;
        counts.total += file.summary.lines.count;
    }
    Ok(components)
}
