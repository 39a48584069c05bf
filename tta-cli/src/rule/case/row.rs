//! The rows of cases.

use crate::rule::row::{Alert, Recording};

/// Series as they would be scraped: a selector, and what promtool makes values of (`0+60x120` grows by 60, 120 times).
pub type Input = &'static [(&'static str, &'static str)];

/// Recording rules over one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordingCase {
    /// What is scraped, once a minute.
    pub input: Input,
    /// Time between two evaluations.
    pub interval: &'static str,
    /// When the recorded series are looked at.
    pub at: &'static str,
    /// The rules, and all series that each has recorded: labels and value.
    pub rules: &'static [(&'static Recording, &'static [(&'static str, f64)])],
}

/// What fires: labels beside those that the alert adds, and the summary.
pub type ExpectedAlerts = &'static [(&'static [(&'static str, &'static str)], &'static str)];

/// One alert over one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertCase {
    /// What the case is about.
    pub title: &'static str,
    /// The alert.
    pub alert: &'static Alert,
    /// What is scraped, once a minute; `$job` stands for the scrape's job.
    pub input: Input,
    /// Time between two evaluations.
    pub interval: &'static str,
    /// When it is looked at, and what fires then.
    pub checks: &'static [(&'static str, ExpectedAlerts)],
}

/// What is expected of an alert that has no reason to fire, or not yet, or no longer.
pub(super) const SILENT: ExpectedAlerts = &[];
