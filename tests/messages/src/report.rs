//! The errors that the compiler reports about a case.

use std::collections::BTreeMap;
use std::{fs, io};

use serde_json::Value;

/// Words that only the expansion of `#[primitive]` has.
const INTERNALS: &[&str] = &["__private", "tta_runtime::", "tta_macros", "'_body"];

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) errors: Vec<Error>,
    pub(crate) names_an_internal: bool,
}

#[derive(PartialEq)]
pub(crate) struct Error {
    pub(crate) code: String,
    pub(crate) text: String,
    /// File, lines and columns of each primary span.
    pub(crate) spans: Vec<String>,
    /// Every span with its label.
    pub(crate) labels: Vec<String>,
}

impl Report {
    pub(crate) fn first(&self) -> Option<&Error> {
        self.errors.first()
    }
}

/// Reads the messages of `cargo check --message-format=json`, by the name of the example.
pub(crate) fn read(path: &str) -> io::Result<BTreeMap<String, Report>> {
    let mut reports = BTreeMap::<String, Report>::new();
    for line in fs::read_to_string(path)?.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        let Some(case) = message["target"]["name"].as_str() else { continue };
        let message = &message["message"];
        // The last error of the compiler only counts the others.
        let is_count = message["spans"].as_array().is_none_or(Vec::is_empty);
        if message["level"] != "error" || is_count {
            continue;
        }
        let report = reports.entry(case.to_owned()).or_default();
        let rendered = message["rendered"].as_str().unwrap_or_default().replace("tta_runtime::primitive", "");
        report.names_an_internal |= INTERNALS.iter().any(|word| rendered.contains(word));
        report.errors.push(error(message));
    }
    Ok(reports)
}

fn error(message: &Value) -> Error {
    let spans = || message["spans"].as_array().into_iter().flatten();
    let place = |span: &Value| {
        format!(
            "{} {}:{}-{}:{}",
            span["file_name"].as_str().unwrap_or_default(),
            span["line_start"],
            span["column_start"],
            span["line_end"],
            span["column_end"]
        )
    };
    let mut labels: Vec<String> =
        spans().map(|span| format!("{} {}", place(span), span["label"].as_str().unwrap_or_default())).collect();
    labels.sort();
    Error {
        code: message["code"]["code"].as_str().unwrap_or_default().to_owned(),
        text: message["message"].as_str().unwrap_or_default().to_owned(),
        spans: spans().filter(|span| span["is_primary"] == true).map(place).collect(),
        labels,
    }
}
