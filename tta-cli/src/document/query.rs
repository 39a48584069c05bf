//! A query that a file has, with what the file says about it.

use std::collections::BTreeMap;

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
    pub referenced_labels: Vec<String>,
}
