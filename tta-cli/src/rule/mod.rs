//! Recording rules and alerts, and the files that Prometheus reads them from.

use std::fmt::Write as _;

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml;
use crate::promql;
use crate::promql::native::prefer_native;

pub mod alert;
pub mod case;
pub mod recording;
pub(crate) mod row;

pub use row::{Alert, AlertGroup, Recording, RecordingGroup, Severity, Unit};

/// Returns the rule files, and the files of their tests.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let rules = vec![
        Artefact::new("prometheus-rules/recording.yml", recordings(profile)),
        Artefact::new("prometheus-rules/alerts.yml", alerts(profile)),
    ];
    // The cases expect the original windows.
    let cases = if profile.speedup == 1 { case::artefacts(profile) } else { Vec::new() };
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
            for (key, duration) in [("for", alert.pending_for), ("keep_firing_for", alert.keep_firing_for)] {
                if let Some(duration) = duration {
                    yaml::entry(&mut file, 8, key, &promql::format_duration(duration, profile.speedup));
                }
            }
            let _ = writeln!(file, "        labels:");
            yaml::entry(&mut file, 10, "severity", alert.severity.as_str());
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
    yaml::entry(file, 4, "interval", &promql::format_duration(interval, profile.speedup));
    let _ = writeln!(file, "    rules:");
}

/// Renders a row's query, with `$job` replaced by the profile's job and `$interval` by the seconds between two evaluations.
fn expression(name: &str, query: &str, interval: &str, profile: &Profile) -> String {
    let job = profile.job.replace('\\', "\\\\").replace('"', "\\\"");
    let interval = promql::duration(interval, profile.speedup).as_secs().to_string();
    let query = query.replace("$job", &job).replace("$interval", &interval);
    let rendered = promql::render(&query, profile.speedup);
    let rendered = if profile.native_histograms { rendered.and_then(|text| prefer_native(&text)) } else { rendered };
    rendered.unwrap_or_else(|error| panic!("{name}: {error}"))
}
