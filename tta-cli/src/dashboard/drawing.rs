//! Renders the parts of a panel that both schemas share: queries, transformations, options.

use serde_json::{Value, json};

use super::page::Page;
use super::panel::{Kind, Panel};
use super::query::{Exemplars, Query};
use super::style;
use super::variable::{JAEGER, PROMETHEUS, Variable};
use crate::promql::catalogue::Catalogue;

/// The version of Grafana that panel options conform to; later versions read them.
pub(crate) const WRITTEN_FOR: &str = "10.2.0";

/// The column headings of labels.
const COLUMNS: &[(&str, &str)] = &[
    ("job", "Job"),
    ("primitive_type", "Type"),
    ("primitive_name", "Primitive"),
    ("workflow_name", "Workflow"),
    ("provider", "Provider"),
    ("model", "Model"),
    ("cache_type", "Cache"),
    ("source", "From"),
    ("target", "To"),
    ("connection_type", "Connection"),
    ("slo", "Objective of"),
    ("component", "Component"),
    ("gate", "Gate"),
    ("instance", "Instance"),
];

/// A rendered panel, from which each schema takes its parts.
pub(crate) struct Drawing {
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: String,
    pub(crate) plugin: &'static str,
    pub(crate) datasource: &'static str,
    pub(crate) targets: Vec<Value>,
    pub(crate) transformations: Vec<(&'static str, Value)>,
    pub(crate) options: Value,
    pub(crate) fields: Value,
}

/// Renders a panel for a file.
pub(crate) fn draw(panel: &Panel, page: &Page<'_>, catalogue: &Catalogue) -> Drawing {
    let (plugin, datasource) = match panel.kind {
        Kind::TraceList | Kind::Trace => ("jaeger", JAEGER),
        _ => ("prometheus", PROMETHEUS),
    };
    Drawing {
        kind: style::kind(panel.kind),
        title: panel.title,
        description: description(panel),
        plugin,
        datasource,
        targets: targets(panel, page.variables, catalogue),
        transformations: transformations(panel),
        options: style::options(panel.kind),
        fields: style::fields(panel, page),
    }
}

/// Returns the panel's description, with a note if the panel ignores the chosen instances.
fn description(panel: &Panel) -> String {
    let recorded = panel.queries.iter().any(|query| !query.reads.is_empty());
    let note = if recorded { " Recorded over all instances of a job." } else { "" };
    format!("{}{note}", panel.description)
}

/// Returns the letter by which Grafana identifies a query of a panel.
fn letter(at: usize) -> String {
    char::from_u32(u32::from('A') + at as u32).map(String::from).unwrap_or_default()
}

fn targets(panel: &Panel, variables: &[Variable], catalogue: &Catalogue) -> Vec<Value> {
    match panel.kind {
        Kind::TraceList => vec![json!({ "refId": "A", "queryType": "search", "service": "$service", "limit": 20 })],
        Kind::Trace => vec![json!({ "refId": "A", "query": "$trace" })],
        kind => panel
            .queries
            .iter()
            .enumerate()
            .map(|(at, query)| target(kind, &letter(at), query, variables, catalogue))
            .collect(),
    }
}

fn target(kind: Kind, letter: &str, query: &Query, variables: &[Variable], catalogue: &Catalogue) -> Value {
    let format = match kind {
        Kind::Table { .. } | Kind::NodeGraph => "table",
        Kind::Histogram => "heatmap",
        _ => "time_series",
    };
    let instant = matches!(kind, Kind::Table { .. } | Kind::NodeGraph | Kind::BarGauge(_) | Kind::Gauge(_));
    let legend = if matches!(kind, Kind::Table { .. } | Kind::NodeGraph) { "" } else { query.legend };
    let mut target = json!({
        "refId": letter,
        "expr": query.render(variables, catalogue),
        "legendFormat": legend,
        "format": format,
        "instant": instant,
        "range": !instant,
        "exemplar": query.exemplars == Exemplars::Shown,
        "editorMode": "code",
    });
    if query.exemplars == Exemplars::Shown {
        // Exemplars exist for raw series only, which are slower to read than recorded ones: one point a minute is enough.
        target["interval"] = json!("1m");
    }
    target
}

fn transformations(panel: &Panel) -> Vec<(&'static str, Value)> {
    match panel.kind {
        Kind::Table { by } => {
            let value =
                |at| if panel.queries.len() == 1 { "Value".to_owned() } else { format!("Value #{}", letter(at)) };
            let of_labels = COLUMNS.iter().map(|&(label, title)| (label.to_owned(), json!(title)));
            let of_queries = panel.queries.iter().enumerate().map(|(at, query)| (value(at), json!(query.legend)));
            let names: serde_json::Map<_, _> = of_labels.chain(of_queries).collect();
            vec![
                ("merge", json!({})),
                ("organize", json!({ "excludeByName": { "Time": true }, "indexByName": {}, "renameByName": names })),
                ("sortBy", json!({ "fields": {}, "sort": [{ "field": by, "desc": true }] })),
            ]
        }
        Kind::NodeGraph => {
            // The node graph does not find a renamed field, only one that is calculated under its name.
            let mainstat = json!({
                "mode": "reduceRow", "alias": "mainstat", "replaceFields": false,
                "reduce": { "include": ["Value"], "reducer": "sum" },
            });
            let kept = json!({ "include": { "names": ["id", "source", "target", "mainstat"] } });
            vec![("calculateField", mainstat), ("filterFieldsByName", kept)]
        }
        _ => Vec::new(),
    }
}
