//! The queries of the committed dashboards, sent as Grafana sends them.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::stack::Stack;

/// Grafana's own variables, for one scrape a second and a time range of a minute.
const WINDOWS: [(&str, &str); 2] = [("$__rate_interval", "10s"), ("$__range", "1m")];
/// The time range of a panel.
const SHOWN: Duration = Duration::from_secs(60);

/// A query of a panel or of a dashboard's variable.
#[derive(Clone, Debug)]
pub(super) struct Question {
    dashboard: String,
    panel: String,
    query: String,
    how: How,
    /// Labels that the legend names.
    labels: BTreeSet<String>,
    /// The variables of the dashboard, each with its choice.
    choices: Vec<(String, Choice)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Instant,
    Range,
    Values,
}

/// The value of a variable when all is chosen.
#[derive(Clone, Debug)]
enum Choice {
    Pattern(String),
    /// All values of a label of a series.
    Values(String),
}

/// Returns all queries of all dashboards that Prometheus answers.
pub(super) fn all() -> Vec<Question> {
    files().iter().flat_map(of_file).collect()
}

/// Returns the panels with a query that Prometheus does not answer, with the kind of server that does.
pub(super) fn asked_elsewhere() -> Vec<[String; 3]> {
    let of_file = |file: &Value| {
        let of_panel = |panel: &Value| {
            let targets = list(&panel["targets"]).iter().filter(|target| !target["expr"].is_string());
            let of_target =
                |target: &Value| [&file["title"], &panel["title"], &target["datasource"]["type"]].map(text_of);
            targets.map(of_target).collect::<Vec<_>>()
        };
        list(&file["panels"]).iter().flat_map(of_panel).collect::<Vec<_>>()
    };
    files().iter().flat_map(of_file).collect()
}

fn files() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grafana/dashboards");
    let entries = std::fs::read_dir(folder).expect("the dashboards are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("it can be read");
        serde_json::from_str(&text).expect("it is JSON")
    };
    files.into_iter().map(read).collect()
}

fn of_file(file: &Value) -> Vec<Question> {
    let dashboard = file["title"].as_str().unwrap_or_default().to_owned();
    let variables = list(&file["templating"]["list"]).iter().filter(|variable| variable["type"] == "query");
    let choices: Vec<_> = variables.clone().map(|variable| (text_of(&variable["name"]), choice(variable))).collect();
    let question = |panel: &Value, query: &str, how| Question {
        dashboard: dashboard.clone(),
        panel: text_of(panel),
        query: query.to_owned(),
        how,
        labels: BTreeSet::new(),
        choices: choices.clone(),
    };
    let of_variables =
        variables.map(|variable| question(&variable["name"], &text_of(&variable["query"]["query"]), How::Values));
    let targets = list(&file["panels"])
        .iter()
        .flat_map(|panel| list(&panel["targets"]).iter().map(move |target| (&panel["title"], target)));
    let of_panels = targets.filter_map(|(panel, target)| {
        let how = if target["instant"] == true { How::Instant } else { How::Range };
        let legend = text_of(&target["legendFormat"]);
        let labels = legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned()));
        Some(Question { labels: labels.collect(), ..question(panel, target["expr"].as_str()?, how) })
    });
    of_variables.chain(of_panels).collect()
}

fn choice(variable: &Value) -> Choice {
    match variable["allValue"].as_str() {
        Some(pattern) => Choice::Pattern(pattern.to_owned()),
        None => Choice::Values(text_of(&variable["query"]["query"])),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Question {
    /// Sends the query, and returns the reason if a panel could not show the answer.
    pub(super) fn ask(&self, stack: &Stack) -> Result<(), String> {
        let mut query = WINDOWS.iter().fold(self.query.clone(), |query, (window, span)| query.replace(window, span));
        for (name, choice) in &self.choices {
            let variable = format!("${name}");
            if query.contains(&variable) {
                let pattern = match choice {
                    Choice::Pattern(pattern) => pattern.clone(),
                    Choice::Values(of) => format!("({})", values(stack, of)?.join("|")),
                };
                query = query.replace(&variable, &pattern);
            }
        }
        match self.how {
            How::Values => values(stack, &query).map(|_| ()),
            How::Instant => self.judge(&stack.prometheus.answer("query", &[("query", &query)])?, "value"),
            How::Range => {
                let [start, end] = shown();
                let parameters = [("query", query.as_str()), ("start", &start), ("end", &end), ("step", "1")];
                self.judge(&stack.prometheus.answer("query_range", &parameters)?, "values")
            }
        }
    }

    /// Returns an error if the answer lacks series, numbers, or labels that the legend names.
    fn judge(&self, answer: &Value, points: &str) -> Result<(), String> {
        let series = list(&answer["data"]["result"]);
        if series.is_empty() {
            return Err("no series".to_owned());
        }
        let is_number = |point: &Value| point[1].as_str().is_some_and(|number| number != "NaN");
        let has_number = |series: &Value| match points {
            "value" => is_number(&series["value"]),
            _ => list(&series["values"]).iter().any(is_number),
        };
        if !series.iter().any(has_number) {
            return Err("no number".to_owned());
        }
        let lacks = |label: &&String| !series.iter().any(|series| series["metric"][label.as_str()].is_string());
        match self.labels.iter().find(lacks) {
            Some(label) => Err(format!("no series has the label `{label}`")),
            None => Ok(()),
        }
    }
}

/// Returns the start and the end of the panel's time range.
fn shown() -> [String; 2] {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    [now.saturating_sub(SHOWN), now].map(|time| time.as_secs().to_string())
}

/// Answers `label_values(series, label)` as Grafana's data source does: with the values in the time range.
fn values(stack: &Stack, query: &str) -> Result<Vec<String>, String> {
    let arguments = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    let (series, label) = arguments.and_then(|arguments| arguments.rsplit_once(", ")).ok_or("no list of values")?;
    let [start, end] = shown();
    let parameters = [("match[]", series), ("start", &start), ("end", &end)];
    let answer = stack.prometheus.answer(&format!("label/{label}/values"), &parameters)?;
    let values: Vec<_> = list(&answer["data"]).iter().map(text_of).collect();
    if values.is_empty() { Err("no values".to_owned()) } else { Ok(values) }
}

impl Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = self.query.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(formatter, "{} / {}: {query}", self.dashboard, self.panel)
    }
}
