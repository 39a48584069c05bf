//! A query of a file, with the labels that its file sets or refers to.

use std::collections::BTreeMap;

/// A query in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// The place in the file: a line and a rule, or a panel.
    pub place: String,
    /// The query; Grafana's variables are replaced by literals.
    pub text: String,
    /// The name of the series that a recording rule records.
    pub records: Option<String>,
    /// Labels that the rule sets on its result; an empty value removes the label.
    pub set_labels: BTreeMap<String, String>,
    /// Labels that an alert's annotations or a panel's legend refer to.
    pub referenced_labels: Vec<String>,
}
