//! The row types of test cases.

use crate::rule::row::{Alert, Recording};

/// Input series: a selector, and values in promtool's notation (`0+60x120` grows by 60, 120 times).
pub type Input = &'static [(&'static str, &'static str)];

/// A test case of recording rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordingCase {
    /// The input series, with one value a minute.
    pub input: Input,
    /// The time between two evaluations.
    pub interval: &'static str,
    /// The time at which the recorded series are compared.
    pub at: &'static str,
    /// The rules, with all series that each is expected to record: labels and value.
    pub rules: &'static [(&'static Recording, &'static [(&'static str, f64)])],
}

/// The alerts expected to fire: labels besides those that the rule adds, and the summary.
pub type ExpectedAlerts = &'static [(&'static [(&'static str, &'static str)], &'static str)];

/// A test case of an alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertCase {
    /// The situation, in words.
    pub title: &'static str,
    /// The alert.
    pub alert: &'static Alert,
    /// The input series, with one value a minute; `$job` stands for the profile's job.
    pub input: Input,
    /// The time between two evaluations.
    pub interval: &'static str,
    /// The times at which the alert is compared, with the alerts expected to fire.
    pub checks: &'static [(&'static str, ExpectedAlerts)],
}

/// Expects that the alert does not fire.
pub(super) const SILENT: ExpectedAlerts = &[];
