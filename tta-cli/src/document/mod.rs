//! Extracts the queries of users' files: rules in YAML, and dashboards in JSON.

use std::path::Path;

mod dashboard;
mod error;
mod query;
mod rules;
mod variable;

pub use error::DocumentError;
pub use query::Query;

/// Returns the queries of a file, in their order. The file's extension decides whether it is read as rules or as a dashboard.
///
/// # Errors
///
/// Returns an error if the text is not YAML with rule groups, or not JSON with panels.
///
/// ```
/// let text = "groups:\n- name: g\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)\n";
/// let queries = tta_cli::document::queries("rules.yml".as_ref(), text).unwrap();
/// assert_eq!(queries[0].place, "line 5, job:up:sum");
/// assert_eq!(queries[0].text, "sum by (job) (up)");
/// ```
pub fn queries(path: &Path, text: &str) -> Result<Vec<Query>, DocumentError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yml" | "yaml") => rules::queries(text),
        Some("json") => {
            let value = serde_json::from_str(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
            dashboard::queries(&value).ok_or(DocumentError::NoPanel)
        }
        _ => Err(DocumentError::Kind),
    }
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
        let no_panel = "not a dashboard: no panel found in `panels`, or in `elements` of the schema with tabs";
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
        assert_eq!(found[0].referenced_labels, ["job", "a_b"]);
        assert_eq!((found[0].place.as_str(), found[0].text.as_str()), ("line 6, A", "up\n== 0"));
    }
}
