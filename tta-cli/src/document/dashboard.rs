//! Queries of a Grafana dashboard, in its classic form and in that with tabs.

use serde_json::{Map, Value};

use super::{Query, variable};

/// Returns the Prometheus queries of a dashboard: of panels, annotations and variables.
pub(super) fn queries(dashboard: &Value) -> Vec<Query> {
    let mut found = Vec::new();
    walk(dashboard, "the dashboard", &mut found);
    found
}

/// Visits each object; `title` is that of the nearest object around that has one.
fn walk(value: &Value, title: &str, found: &mut Vec<Query>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, title, found)),
        Value::Object(object) => {
            let own = object.get("title").and_then(Value::as_str).filter(|own| !own.is_empty());
            let named = own.map(|own| format!("panel `{own}`"));
            let title = named.as_deref().unwrap_or(title);
            found.extend(target(object, title));
            found.extend(variable_query(object));
            object.values().for_each(|inner| walk(inner, title, found));
        }
        _ => {}
    }
}

/// Returns the query of a panel's target.
fn target(object: &Map<String, Value>, title: &str) -> Option<Query> {
    let text = object.get("expr")?.as_str()?;
    let kind = object.get("datasource").and_then(|source| source.get("type")).and_then(Value::as_str);
    if text.trim().is_empty() || kind.is_some_and(|kind| kind != "prometheus") {
        return None;
    }
    let identifier = object.get("refId").and_then(Value::as_str).map(|id| format!(", query {id}")).unwrap_or_default();
    let legend = object.get("legendFormat").and_then(Value::as_str).unwrap_or_default();
    let labels = legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim().to_owned()));
    Some(Query {
        place: format!("{title}{identifier}"),
        text: variable::replaced(text),
        records: None,
        named_labels: labels.collect(),
    })
}

/// Returns the series that a variable takes its values from, as a query: `label_values(series, label)`.
fn variable_query(object: &Map<String, Value>) -> Option<Query> {
    let query = object.get("query")?;
    let text = query.as_str().or_else(|| query.get("query")?.as_str())?.trim();
    let arguments = text.strip_prefix("label_values(")?.strip_suffix(')')?;
    let (series, label) = arguments.rsplit_once(',')?;
    let name = object.get("name").and_then(Value::as_str).unwrap_or("?");
    Some(Query {
        place: format!("variable `{name}`"),
        text: variable::replaced(series.trim()),
        records: None,
        named_labels: vec![label.trim().to_owned()],
    })
}
