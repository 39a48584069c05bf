//! Extracts the queries of a rule file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::error::DocumentError;
use super::query::Query;

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Rule {
    record: Option<String>,
    alert: Option<String>,
    expr: Spanned<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

pub(super) fn queries(text: &str) -> Result<Vec<Query>, DocumentError> {
    let file: File = serde_saphyr::from_str(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
    let query = |of_group: &BTreeMap<String, String>, rule: Rule| {
        let name = rule.record.as_ref().or(rule.alert.as_ref()).map_or("a rule without a name", String::as_str);
        let texts = rule.annotations.values().chain(rule.labels.values());
        Query {
            place: format!("line {}, {name}", rule.expr.referenced.line()),
            text: rule.expr.value.clone(),
            referenced_labels: texts.flat_map(|text| template_labels(text)).collect(),
            records: rule.record,
            set_labels: of_group.clone().into_iter().chain(rule.labels).collect(),
        }
    };
    let of_group = |group: Group| {
        let queries: Vec<_> = group.rules.into_iter().map(|rule| query(&group.labels, rule)).collect();
        queries
    };
    Ok(file.groups.into_iter().flat_map(of_group).collect())
}

/// Returns the labels that a Prometheus template refers to.
fn template_labels(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split("$labels.").skip(1).map(word).collect()
}
