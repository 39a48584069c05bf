//! The rows of recording rules and alerts.

/// A recording rule: a query whose answer Prometheus keeps under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The name of the recorded series.
    pub name: &'static str,
    /// What a panel that shows it is called.
    pub title: &'static str,
    /// What its number means, in a sentence.
    pub description: &'static str,
    /// What one of its number is.
    pub unit: Unit,
    /// What is recorded; `$interval` stands for the seconds between two evaluations.
    pub query: &'static str,
}

/// What one of a query's number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things that are counted.
    Count,
    /// Things per second.
    PerSecond,
    /// Shares and relative changes: 1 is 100 %.
    Ratio,
    /// How many times another number it is.
    Multiple,
    /// Seconds.
    Seconds,
    /// US dollars.
    Usd,
    /// US dollars per second.
    UsdPerSecond,
}

/// Recording rules that are evaluated together, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingGroup {
    /// Its name; no other group has it.
    pub name: &'static str,
    /// What its rules are about.
    pub description: &'static str,
    /// Time between two evaluations.
    pub interval: &'static str,
    /// The rules; one that reads another stands after it.
    pub rules: &'static [&'static Recording],
}

/// A rule that fires while a query has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its name, which is also its page's.
    pub name: &'static str,
    /// How soon somebody must look.
    pub severity: Severity,
    /// What must have an answer; `$job` stands for the scrape's job.
    pub query: &'static str,
    /// For how long it must have had one; without, once is enough.
    pub pending_for: Option<&'static str>,
    /// For how long it goes on firing after the answer is gone.
    pub keep_firing_for: Option<&'static str>,
    /// More labels: what inhibition goes by.
    pub labels: &'static [(&'static str, &'static str)],
    /// What is wrong in one line, with the number.
    pub summary: &'static str,
    /// What that means, and what to look at first.
    pub description: &'static str,
}

/// How soon somebody must look at an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Now: users notice, or money is being burnt.
    Critical,
    /// In working hours.
    Warning,
    /// When there is time.
    Info,
}

/// Alerts that are evaluated together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertGroup {
    /// Its name; no other group has it.
    pub name: &'static str,
    /// What its alerts are about.
    pub description: &'static str,
    /// Time between two evaluations.
    pub interval: &'static str,
    /// The alerts.
    pub alerts: &'static [&'static Alert],
}

impl Severity {
    /// Returns it as the label `severity` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}
