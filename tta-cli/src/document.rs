//! Files with queries in them, as users have them: rules in YAML, dashboards in JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_saphyr::Spanned;

mod dashboard;
mod variable;

/// A query in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// Where it stands: a line and a rule, or a panel.
    pub place: String,
    /// The query, with variables of a dashboard replaced.
    pub text: String,
    /// The name under which its answer is recorded, if it is.
    pub records: Option<String>,
    /// Labels that its rule puts on what is recorded; one without a value is taken away.
    pub set_labels: BTreeMap<String, String>,
    /// Labels that texts beside it name: an alert's annotations, a panel's legend.
    pub named_labels: Vec<String>,
}

/// Why a file cannot be read as one with queries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The file is not what its name says.
    #[error("{0}")]
    Syntax(String),
    /// The file's name says neither.
    #[error(
        "neither rules nor a dashboard; the name of a file with rules ends in `.yml` or `.yaml`, that of a dashboard in `.json`"
    )]
    Kind,
    /// The file is JSON, and has no panel.
    #[error("no dashboard: it has no panel; a dashboard has a list of `panels`, or `elements` in the schema with tabs")]
    NoPanel,
}

/// Returns the queries of a file, in their order.
///
/// # Errors
///
/// Fails where the text is no YAML with groups of rules, or no JSON with panels, as the file's name wants.
///
/// ```
/// let text = "groups:\n- name: g\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)\n";
/// let queries = tta_cli::document::queries("rules.yml".as_ref(), text).unwrap();
/// assert_eq!(queries[0].place, "line 5, job:up:sum");
/// assert_eq!(queries[0].text, "sum by (job) (up)");
/// ```
pub fn queries(path: &Path, text: &str) -> Result<Vec<Query>, DocumentError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yml" | "yaml") => rules(text),
        Some("json") => {
            let value = serde_json::from_str(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
            dashboard::queries(&value).ok_or(DocumentError::NoPanel)
        }
        _ => Err(DocumentError::Kind),
    }
}

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

fn rules(text: &str) -> Result<Vec<Query>, DocumentError> {
    let file: File = serde_saphyr::from_str(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
    let query = |of_group: &BTreeMap<String, String>, rule: Rule| {
        let name = rule.record.as_ref().or(rule.alert.as_ref()).map_or("a rule without a name", String::as_str);
        let texts = rule.annotations.values().chain(rule.labels.values());
        Query {
            place: format!("line {}, {name}", rule.expr.referenced.line()),
            text: rule.expr.value.clone(),
            named_labels: texts.flat_map(|text| template_labels(text)).collect(),
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

/// Returns the labels that a template of Prometheus' names.
fn template_labels(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split("$labels.").skip(1).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_something_else_is_refused() {
        let refused = |name: &str, text: &str| queries(name.as_ref(), text).expect_err("an error").to_string();
        assert!(refused("a.txt", "").starts_with("neither rules nor a dashboard"));
        assert!(
            refused("a.yml", "scrape_configs: []").contains("groups"),
            "{}",
            refused("a.yml", "scrape_configs: []")
        );
        assert_eq!(refused("a.json", "{"), "EOF while parsing an object at line 1 column 1");
        let no_panel =
            "no dashboard: it has no panel; a dashboard has a list of `panels`, or `elements` in the schema with tabs";
        for text in
            [r#"{"name": "x", "scripts": {"test": "y"}}"#, r#"{"panels": []}"#, r#"{"elements": {"a": 1}}"#, "[]"]
        {
            assert_eq!(refused("a.json", text), no_panel, "{text}");
        }
    }

    #[test]
    fn labels_in_annotations_are_seen() {
        let text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |-\n      up\n      == 0\n    annotations: {summary: '{{ $labels.job }} {{ $labels.a_b}}'}\n";
        let found = queries("a.yml".as_ref(), text).expect("rules");
        assert_eq!(found[0].named_labels, ["job", "a_b"]);
        assert_eq!((found[0].place.as_str(), found[0].text.as_str()), ("line 6, A", "up\n== 0"));
    }
}
