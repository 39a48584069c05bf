//! Unit tests of rules for `promtool test rules`: input series, and the expected results.

use std::fmt::Write as _;

use super::{alert, recording};
use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml;
use crate::rule::row::Alert;

pub mod alerts;
pub mod recorded;
pub(crate) mod row;

pub use row::{AlertCase, ExpectedAlerts, Input, RecordingCase};

/// Returns the test files, one for each evaluation interval, since a file has a single one.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let mut cases: Vec<(&str, &str, String)> = Vec::new();
    for case in recorded::CASES {
        cases.push(("recording", case.interval, recorded(case)));
    }
    for case in alerts::all() {
        cases.push(("alerts", case.interval, alerted(case, profile)));
    }
    let mut files: Vec<(&str, &str, String)> = Vec::new();
    for (kind, interval, text) in cases {
        match files.iter_mut().find(|(known, at, _)| (*known, *at) == (kind, interval)) {
            Some((_, _, file)) => file.push_str(&text),
            None => files.push((kind, interval, format!("{}{text}", head(interval)))),
        }
    }
    let file =
        |(kind, interval, text)| Artefact::new(&format!("prometheus-rules/tests/{kind}_every_{interval}.yml"), text);
    files.into_iter().map(file).collect()
}

fn head(interval: &str) -> String {
    // Alerts read series recorded at the same timestamp, so recording rules are evaluated first; by default, the order is undefined.
    let recordings = recording::GROUPS.iter().map(|group| group.name);
    let groups = recordings.chain(alert::GROUPS.iter().map(|group| group.name));
    let order: String = groups.fold(String::new(), |order, group| order + "  - " + group + "\n");
    let header = yaml::HEADER;
    format!(
        "{header}rule_files:\n  - ../recording.yml\n  - ../alerts.yml\n\nevaluation_interval: {interval}\n\n\
         group_eval_order:\n{order}\ntests:\n"
    )
}

fn recorded(case: &RecordingCase) -> String {
    let mut text = String::new();
    let file = &mut text;
    input(file, case.input, "");
    let _ = writeln!(file, "    promql_expr_test:");
    for (rule, samples) in case.rules {
        yaml::entry(file, 6, "- expr", rule.name);
        yaml::entry(file, 8, "eval_time", case.at);
        let _ = writeln!(file, "        exp_samples:");
        for (labels, value) in *samples {
            yaml::entry(file, 10, "- labels", &format!("{}{labels}", rule.name));
            let _ = writeln!(file, "            value: {value}");
        }
    }
    text
}

fn alerted(case: &AlertCase, profile: &Profile) -> String {
    let mut text = String::new();
    let file = &mut text;
    yaml::comment(file, 2, &format!("{}: {}.", case.alert.name, case.title));
    input(file, case.input, &profile.job);
    let _ = writeln!(file, "    alert_rule_test:");
    for (at, fires) in case.checks {
        look(file, case.alert, at, fires, profile);
    }
    text
}

fn look(file: &mut String, alert: &Alert, at: &str, fires: ExpectedAlerts, profile: &Profile) {
    yaml::entry(file, 6, "- alertname", alert.name);
    yaml::entry(file, 8, "eval_time", at);
    if fires.is_empty() {
        let _ = writeln!(file, "        exp_alerts: []");
    } else {
        let _ = writeln!(file, "        exp_alerts:");
    }
    for (labels, summary) in fires {
        let _ = writeln!(file, "          - exp_labels:");
        for (name, value) in labels.iter().chain(alert.labels).chain(&[("severity", alert.severity.as_str())]) {
            yaml::entry(file, 14, name, &value.replace("$job", &profile.job));
        }
        let _ = writeln!(file, "            exp_annotations:");
        yaml::entry(file, 14, "summary", &summary.replace("$job", &profile.job));
        yaml::entry(file, 14, "description", alert.description);
        yaml::entry(file, 14, "runbook_url", &format!("{}{}.md", profile.runbooks, alert.name));
    }
}

fn input(file: &mut String, series: Input, job: &str) {
    let _ = writeln!(file, "  - interval: 1m\n    input_series:");
    for (series, values) in series {
        yaml::entry(file, 6, "- series", &series.replace("$job", &job.replace('\\', "\\\\").replace('"', "\\\"")));
        yaml::entry(file, 8, "values", values);
    }
}
