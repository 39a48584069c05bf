//! The row types of recording rules and alerts.

/// A recording rule: a query whose result Prometheus stores under a new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The name of the recorded series.
    pub name: &'static str,
    /// The title of a panel that shows the series.
    pub title: &'static str,
    /// The meaning of its values, in a sentence.
    pub description: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// The PromQL to record; `$interval` stands for the seconds between two evaluations.
    pub query: &'static str,
}

/// The unit of a recorded series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Count,
    /// Events per second.
    PerSecond,
    /// A share or a relative change: 1 is 100 %.
    Ratio,
    /// A multiple of another number.
    Multiple,
    /// Seconds.
    Seconds,
    /// US dollars.
    Usd,
    /// US dollars per second.
    UsdPerSecond,
}

/// Recording rules that Prometheus evaluates together, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingGroup {
    /// The group's unique name.
    pub name: &'static str,
    /// The subject of its rules.
    pub description: &'static str,
    /// The time between two evaluations.
    pub interval: &'static str,
    /// The rules; a rule may read those before it.
    pub rules: &'static [&'static Recording],
}

/// An alerting rule, which fires while its query returns series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The alert's name, which is also that of its runbook.
    pub name: &'static str,
    /// How urgent the alert is.
    pub severity: Severity,
    /// The PromQL that returns series while something is wrong; `$job` stands for the profile's job.
    pub query: &'static str,
    /// The rule's `for`: how long the query must return series before the alert fires; `None` fires at once.
    pub pending_for: Option<&'static str>,
    /// The rule's `keep_firing_for`: how long the alert keeps firing after the query returns nothing.
    pub keep_firing_for: Option<&'static str>,
    /// Labels besides `severity`, which inhibition rules match.
    pub labels: &'static [(&'static str, &'static str)],
    /// The annotation `summary`: what is wrong, in one line with the number.
    pub summary: &'static str,
    /// The annotation `description`: what that means, and where to look first.
    pub description: &'static str,
}

/// The urgency of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Act now: users notice, or money is lost.
    Critical,
    /// Act within working hours.
    Warning,
    /// Look when there is time.
    Info,
}

/// Alerts that Prometheus evaluates together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertGroup {
    /// The group's unique name.
    pub name: &'static str,
    /// The subject of its alerts.
    pub description: &'static str,
    /// The time between two evaluations.
    pub interval: &'static str,
    /// The alerts.
    pub alerts: &'static [&'static Alert],
}

impl Severity {
    /// Returns the value of the label `severity`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}
