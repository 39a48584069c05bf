//! The rules that each dashboard follows.

use std::collections::BTreeSet;

use serde_json::Value;
use tta_cli::promql::{analysis, catalogue::Catalogue};
use tta_cli::rule::recording;
use tta_runtime::schema::{Kind, METRICS};

use super::json::{list, text};
use super::selectors::{Selected, plain, selectors};

/// Returns the rules that a dashboard breaks.
pub(super) fn findings(dashboard: &Value) -> Vec<String> {
    let mut findings = whole(dashboard);
    let catalogue = Catalogue::shipped([""; 0]);
    let panels = list(dashboard, "/panels");
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for (at, panel) in panels.iter().enumerate() {
        let title = text(panel, "/title");
        let mut find = |finding: &str| findings.push(format!("{title}: {finding}"));
        if !ids.insert(panel["id"].as_u64()) {
            find("another panel has its id");
        }
        for other in &panels[at + 1..] {
            if overlap(&panel["gridPos"], &other["gridPos"]) {
                find(&format!("{} overlaps it", text(other, "/title")));
            }
        }
        if panel["type"] != "row" {
            if !titles.insert(title) {
                find("another panel has its title");
            }
            for finding in of_panel(panel, &catalogue) {
                find(&finding);
            }
        }
    }
    findings
}

fn whole(dashboard: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    let names: Vec<_> = list(dashboard, "/templating/list").iter().map(|variable| text(variable, "/name")).collect();
    if !names.starts_with(&["datasource", "job", "instance"]) {
        findings.push("it does not begin with the variables datasource, job, instance".to_owned());
    }
    if dashboard["schemaVersion"] != 38 {
        findings.push("its schema is not 38".to_owned());
    }
    if text(dashboard, "/links/0/tags/0") != "tta" || text(dashboard, "/tags/0") != "tta" {
        findings.push("it lacks the tag `tta` or the link to dashboards with that tag".to_owned());
    }
    if !text(dashboard, "/description").ends_with('.') {
        findings.push("no description".to_owned());
    }
    findings
}

fn of_panel(panel: &Value, catalogue: &Catalogue) -> Vec<String> {
    let mut findings = Vec::new();
    if !text(panel, "/description").ends_with('.') {
        findings.push("no description".to_owned());
    }
    if text(panel, "/fieldConfig/defaults/unit").is_empty() {
        findings.push("no unit".to_owned());
    }
    let targets = list(panel, "/targets");
    if targets.is_empty() {
        findings.push("no query".to_owned());
    }
    let mut columns = BTreeSet::new();
    for target in targets {
        let chosen = match text(panel, "/datasource/type") {
            "jaeger" => "${traces}",
            _ => "${datasource}",
        };
        if text(target, "/datasource/uid") != chosen || text(panel, "/datasource/uid") != chosen {
            findings.push("its data source is not the dashboard's variable".to_owned());
        }
        if let Some(query) = target["expr"].as_str() {
            findings.extend(of_query(query, text(target, "/legendFormat"), catalogue));
            columns.insert(analysis::labels(&plain(query), catalogue));
        }
    }
    if panel["type"] == "table" && columns.len() > 1 {
        findings.push("a table's queries have different labels".to_owned());
    }
    findings
}

fn of_query(query: &str, legend: &str, catalogue: &Catalogue) -> Vec<String> {
    let selected = match selectors(query) {
        Ok(selected) => selected,
        Err(error) => return vec![format!("invalid query: {error}")],
    };
    let is_known = |selected: &&Selected| catalogue.labels(&selected.name).is_some();
    if let Some(unknown) = selected.iter().find(|selected| !is_known(selected)) {
        return vec![format!("there is no metric `{}`", unknown.name)];
    }
    let mut findings: Vec<_> = selected.iter().flat_map(of_selector).collect();
    findings.extend(analysis::findings(&plain(query), catalogue).iter().map(ToString::to_string));
    let labels = analysis::labels(&plain(query), catalogue).unwrap_or_default();
    let named = legend.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(label, _)| label));
    findings.extend(
        named.filter(|label| !labels.contains(*label)).map(|label| format!("its series have no label `{label}`")),
    );
    findings
}

fn of_selector(selected: &Selected) -> Vec<String> {
    let name = &selected.name;
    let is_recorded = recording::GROUPS.iter().flat_map(|group| group.rules).any(|rule| rule.name == name);
    // A recorded series is aggregated over the instances of a job.
    let wanted: &[&str] = if is_recorded { &["job"] } else { &["job", "instance"] };
    let is_filtered = |label: &&str| selected.filters.iter().any(|(of, to)| of == label && to == label);
    let mut findings: Vec<_> = wanted
        .iter()
        .filter(|label| !is_filtered(label))
        .map(|label| format!("`{name}` is not filtered by ${label}"))
        .collect();
    let is_rate = selected.function.is_some_and(|function| ["rate", "increase", "irate"].contains(&function));
    match (is_counter(name), is_rate) {
        (true, false) => findings.push(format!("the counter `{name}` without a rate")),
        (false, true) => findings.push(format!("a rate of `{name}`, which is no counter")),
        _ => {}
    }
    if selected.function.is_some() && !selected.follows_time_range {
        findings.push(format!("`{name}` has a window that ignores the dashboard's time range"));
    }
    findings
}

fn is_counter(name: &str) -> bool {
    METRICS.iter().any(|metric| match metric.kind {
        Kind::Counter => metric.name == name,
        Kind::Histogram => {
            name.strip_prefix(metric.name).is_some_and(|suffix| ["_bucket", "_sum", "_count"].contains(&suffix))
        }
        _ => false,
    })
}

fn overlap(one: &Value, other: &Value) -> bool {
    let edges = |place: &Value, from: &str, size: &str| {
        let number = |key: &str| place[key].as_u64().unwrap_or_default();
        (number(from), number(from) + number(size))
    };
    [("x", "w"), ("y", "h")].iter().all(|(from, size)| {
        let ((start, end), (other_start, other_end)) = (edges(one, from, size), edges(other, from, size));
        start < other_end && other_start < end
    })
}
