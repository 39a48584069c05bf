//! Extracts the queries of a Grafana dashboard, in the classic schema and in the schema with tabs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::query::Query;
use super::variable;

/// Returns the Prometheus queries of a dashboard's panels, annotations and variables, `None` if it has no panel.
pub(super) fn queries(dashboard: &Value) -> Option<Vec<Query>> {
    has_panel(dashboard).then(|| {
        let mut found = Vec::new();
        walk(dashboard, &Context { title: "the dashboard", source: None }, &mut found);
        found
    })
}

/// Returns whether a file has a panel: in a list of `panels`, in the `elements` of the newer schema, or as the file itself.
fn has_panel(value: &Value) -> bool {
    let is_panel = |panel: &Value| panel.is_object();
    match value {
        Value::Array(items) => items.iter().any(has_panel),
        Value::Object(object) => {
            let listed = object.get("panels").and_then(Value::as_array);
            let elements = object.get("elements").and_then(Value::as_object);
            listed.is_some_and(|panels| panels.iter().any(is_panel))
                || elements.is_some_and(|elements| elements.values().any(is_panel))
                || object.get("targets").is_some_and(Value::is_array)
                || object.values().any(has_panel)
        }
        _ => false,
    }
}

/// Values that an object inherits from the objects that contain it.
struct Context<'a> {
    /// The title of the nearest object that has one.
    title: &'a str,
    /// The type of data source of the panel, or of the newer schema's query.
    source: Option<&'a str>,
}

/// Collects the queries of a value, from the outside in.
fn walk(value: &Value, context: &Context<'_>, found: &mut Vec<Query>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, context, found)),
        Value::Object(object) => {
            let own = object.get("title").and_then(Value::as_str).filter(|own| !own.is_empty());
            let named = own.map(|own| format!("panel `{own}`"));
            let title = named.as_deref().unwrap_or(context.title);
            // The data source of a row does not apply to the row's panels.
            let source = if object.contains_key("panels") { None } else { source(object).or(context.source) };
            if source.is_none_or(|source| source == "prometheus") {
                found.extend(target(object, title));
                found.extend(variable_query(object));
            }
            object.values().for_each(|inner| walk(inner, &Context { title, source }, found));
        }
        _ => {}
    }
}

/// Returns the type of data source that an object names: `datasource.type`, or the newer schema's `group` or `kind` beside `spec`.
fn source(object: &Map<String, Value>) -> Option<&str> {
    let named = object.get("datasource").and_then(|source| source.get("type"));
    let beside = || {
        let spec = object.get("spec")?;
        let has_query = spec.get("expr").or_else(|| spec.get("query")).is_some_and(Value::is_string);
        match object.get("kind")?.as_str()? {
            _ if !has_query => None,
            "DataQuery" => object.get("group"),
            "TextVariable" => None,
            // The schema's first version has the type of data source here.
            _ => object.get("kind"),
        }
    };
    // `datasource` means "mixed": each query names its own.
    named.or_else(beside).and_then(Value::as_str).filter(|source| *source != "datasource")
}

/// Returns the query of a panel's target.
fn target(object: &Map<String, Value>, title: &str) -> Option<Query> {
    let text = object.get("expr")?.as_str()?;
    if text.trim().is_empty() {
        return None;
    }
    let identifier = object.get("refId").and_then(Value::as_str).map(|id| format!(", query {id}")).unwrap_or_default();
    let legend = object.get("legendFormat").and_then(Value::as_str).unwrap_or_default();
    let labels = legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim().to_owned()));
    Some(Query {
        place: format!("{title}{identifier}"),
        text: variable::replace_variables(text),
        records: None,
        set_labels: BTreeMap::new(),
        referenced_labels: labels.collect(),
    })
}

/// Returns the series in a variable's `label_values(series, label)` as a query that refers to the label.
fn variable_query(object: &Map<String, Value>) -> Option<Query> {
    let query = object.get("query")?;
    let text = query.as_str().or_else(|| query.get("query")?.as_str())?.trim();
    let arguments = text.strip_prefix("label_values(")?.strip_suffix(')')?;
    let (series, label) = arguments.rsplit_once(',')?;
    let name = object.get("name").and_then(Value::as_str).unwrap_or("?");
    Some(Query {
        place: format!("variable `{name}`"),
        text: variable::replace_variables(series.trim()),
        records: None,
        set_labels: BTreeMap::new(),
        referenced_labels: vec![label.trim().to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns the queries that are read as PromQL.
    fn taken(dashboard: &Value) -> Vec<String> {
        queries(dashboard).expect("it has panels").into_iter().map(|query| query.text).collect()
    }

    #[test]
    fn a_query_belongs_to_the_data_source_that_it_or_its_panel_names() {
        let loki = json!({ "type": "loki", "uid": "a" });
        let mixed = json!({ "type": "datasource", "uid": "-- Mixed --" });
        let classic = json!({
            "templating": { "list": [
                { "name": "app", "datasource": loki, "query": "label_values({app=\"x\"}, app)" },
                { "name": "job", "query": "label_values(up, job)" },
            ] },
            "panels": [
                { "datasource": loki, "targets": [{ "expr": "{app=\"panel\"}" }] },
                { "datasource": mixed, "targets": [{ "expr": "mixed" }, { "datasource": loki, "expr": "{app=\"target\"}" }] },
                { "datasource": loki, "targets": [{ "datasource": { "type": "prometheus" }, "expr": "target" }] },
                { "type": "row", "datasource": loki, "panels": [{ "targets": [{ "expr": "in_row" }] }] },
            ],
        });
        assert_eq!(taken(&classic), ["mixed", "target", "in_row", "up"]);
    }

    #[test]
    fn in_the_schema_with_tabs_the_group_names_the_data_source() {
        let panel = |query: Value| {
            let query = json!({ "kind": "PanelQuery", "spec": { "refId": "A", "query": query } });
            json!({ "kind": "Panel", "spec": { "title": "T", "data": { "spec": { "queries": [query] } } } })
        };
        let of_group =
            |group: &str, text: &str| panel(json!({ "kind": "DataQuery", "group": group, "spec": { "expr": text } }));
        let dashboard = json!({ "spec": {
            "elements": {
                "a": of_group("loki", "{app=\"x\"}"),
                "b": of_group("prometheus", "by_group"),
                "c": panel(json!({ "kind": "loki", "spec": { "expr": "{app=\"y\"}" } })),
                "d": panel(json!({ "kind": "prometheus", "spec": { "expr": "by_kind" } })),
            },
            "variables": [{ "kind": "QueryVariable", "spec": { "name": "job", "query": {
                "kind": "DataQuery", "group": "prometheus", "spec": { "query": "label_values(up, job)" },
            } } }],
        } });
        assert_eq!(taken(&dashboard), ["by_group", "by_kind", "up"]);
    }
}
