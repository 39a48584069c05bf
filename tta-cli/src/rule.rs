//! Recording rules and alerts: what a row says, and the files that rows become.

use std::fmt::Write as _;

use crate::artefact::Artefact;
use crate::profile::Profile;
use crate::{query, yaml};

pub mod alert;
pub mod case;
pub mod recording;

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
    Times,
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
    pub hold: Option<&'static str>,
    /// For how long it goes on firing after the answer is gone.
    pub keep: Option<&'static str>,
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
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Returns the rules' files.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let rules = vec![
        Artefact::new("prometheus-rules/recording.yml", recordings(profile)),
        Artefact::new("prometheus-rules/alerts.yml", alerts(profile)),
    ];
    // The cases know the real windows only.
    let cases = if profile.haste == 1 { case::artefacts(profile) } else { Vec::new() };
    [rules, cases].concat()
}

fn recordings(profile: &Profile) -> String {
    let mut file = format!("{}groups:\n", yaml::HEADER);
    for group in recording::GROUPS {
        head(&mut file, group.name, group.description, group.interval, profile);
        for rule in group.rules {
            yaml::comment(&mut file, 6, &format!("{}: {}", rule.title, rule.description));
            let _ = writeln!(file, "      - record: {}", rule.name);
            yaml::entry(&mut file, 8, "expr", &expression(rule.name, rule.query, group.interval, profile));
        }
    }
    file
}

fn alerts(profile: &Profile) -> String {
    let mut file = format!("{}groups:\n", yaml::HEADER);
    for group in alert::GROUPS {
        head(&mut file, group.name, group.description, group.interval, profile);
        for alert in group.alerts {
            let _ = writeln!(file, "      - alert: {}", alert.name);
            yaml::entry(&mut file, 8, "expr", &expression(alert.name, alert.query, group.interval, profile));
            for (key, span) in [("for", alert.hold), ("keep_firing_for", alert.keep)] {
                if let Some(span) = span {
                    yaml::entry(&mut file, 8, key, &query::span(span, profile.haste));
                }
            }
            let _ = writeln!(file, "        labels:");
            yaml::entry(&mut file, 10, "severity", alert.severity.word());
            for (name, value) in alert.labels {
                yaml::entry(&mut file, 10, name, value);
            }
            let _ = writeln!(file, "        annotations:");
            yaml::entry(&mut file, 10, "summary", alert.summary);
            yaml::entry(&mut file, 10, "description", alert.description);
            yaml::entry(&mut file, 10, "runbook_url", &format!("{}{}.md", profile.runbooks, alert.name));
        }
    }
    file
}

fn head(file: &mut String, name: &str, description: &str, interval: &str, profile: &Profile) {
    yaml::comment(file, 2, description);
    let _ = writeln!(file, "  - name: {name}");
    yaml::entry(file, 4, "interval", &query::span(interval, profile.haste));
    let _ = writeln!(file, "    rules:");
}

/// Returns a row's query as it is written: `$job` is the profile's job, `$interval` the seconds between two evaluations.
fn expression(name: &str, query: &str, interval: &str, profile: &Profile) -> String {
    let job = profile.job.replace('\\', "\\\\").replace('"', "\\\"");
    let interval = query::shortened(interval, profile.haste).as_secs().to_string();
    let query = query.replace("$job", &job).replace("$interval", &interval);
    query::written(&query, profile.haste).unwrap_or_else(|error| panic!("{name}: {error}"))
}
