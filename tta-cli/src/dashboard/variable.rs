//! What a reader of a dashboard chooses: where the numbers come from, and whose numbers are shown.

use serde_json::{Value, json};

use crate::file::profile::Profile;

/// What every panel's data source is called in queries.
pub(crate) const PROMETHEUS: &str = "${datasource}";
/// The same for traces.
pub(crate) const JAEGER: &str = "${traces}";

/// The name of the text that says which trace is shown.
pub(crate) const TRACE: &str = "trace";

/// Something that a reader chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The Prometheus server.
    Datasource,
    /// Values of a label; selectors of series that have the label are narrowed to them.
    Label {
        /// Its name in queries.
        name: &'static str,
        /// What a reader sees.
        title: &'static str,
        /// The label.
        label: &'static str,
        /// The series whose values are offered.
        of: &'static str,
    },
    /// The server that traces are at.
    Traces,
    /// A text that a reader types, or that a link fills in.
    Text {
        /// Its name in queries.
        name: &'static str,
        /// What a reader sees.
        title: &'static str,
        /// What it is for.
        description: &'static str,
        /// What it begins with.
        default: &'static str,
    },
}

/// The scrape's job.
pub static JOB: Variable = label("job", "Job", "job", "tta_build_info");
/// The program's instance.
pub static INSTANCE: Variable = label("instance", "Instance", "instance", "tta_build_info");
/// The workflow.
pub static WORKFLOW: Variable = label("workflow", "Workflow", "workflow_name", "tta_workflow_executions_total");
/// The primitive.
pub static PRIMITIVE: Variable = label("primitive", "Primitive", "primitive_name", "tta_primitive_executions_total");
/// The model.
pub static MODEL: Variable = label("model", "Model", "model", "tta_llm_requests_total");

/// Returns the choice among a label's values.
pub(crate) const fn label(name: &'static str, title: &'static str, label: &'static str, of: &'static str) -> Variable {
    Variable::Label { name, title, label, of }
}

/// How a dashboard file says which choices there are.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: String,
    pub(crate) kind: ChoiceKind,
}

/// What there is to choose from.
pub(crate) enum ChoiceKind {
    /// Data sources of a kind, beginning with the one of this name.
    Datasource { plugin: &'static str, current: String },
    /// The answers of a query, several at once or all; all of them are what a selector is narrowed to then, or `all`.
    Query { query: String, all: Option<&'static str> },
    /// Any text.
    Text { default: &'static str },
}

impl Variable {
    /// Returns its name in queries and addresses.
    pub(crate) fn name(&self) -> &'static str {
        match *self {
            Self::Datasource => "datasource",
            Self::Traces => "traces",
            Self::Label { name, .. } | Self::Text { name, .. } => name,
        }
    }

    /// Returns the label that selectors are narrowed by, and the variable's name.
    pub(crate) fn filter(&self) -> Option<(&'static str, &'static str)> {
        match *self {
            Self::Label { name, label, .. } => Some((label, name)),
            _ => None,
        }
    }

    pub(crate) fn choice(&self, profile: &Profile) -> Choice {
        match *self {
            Self::Datasource => Choice {
                name: self.name(),
                title: "Data source",
                description: "The Prometheus server that the numbers come from.".to_owned(),
                kind: ChoiceKind::Datasource { plugin: "prometheus", current: profile.datasource.clone() },
            },
            Self::Traces => Choice {
                name: self.name(),
                title: "Traces",
                description: "The Jaeger server that the traces come from.".to_owned(),
                kind: ChoiceKind::Datasource { plugin: "jaeger", current: "Jaeger".to_owned() },
            },
            Self::Label { name, title, label, of } => {
                let scope = if label == "job" { "" } else { "{job=~\"$job\"}" };
                Choice {
                    name,
                    title,
                    description: format!("Narrows what is shown to values of the label `{label}`."),
                    kind: ChoiceKind::Query {
                        query: format!("label_values({of}{scope}, {label})"),
                        // Other jobs than those with TTA in them have an `up`, too.
                        all: (label != "job").then_some(".*"),
                    },
                }
            }
            Self::Text { name, title, description, default } => {
                Choice { name, title, description: description.to_owned(), kind: ChoiceKind::Text { default } }
            }
        }
    }
}

impl Choice {
    /// Returns what is chosen when the dashboard is opened.
    pub(crate) fn current(&self) -> Value {
        match &self.kind {
            ChoiceKind::Datasource { current, .. } => json!({ "text": current, "value": current }),
            ChoiceKind::Query { .. } => json!({ "text": ["All"], "value": ["$__all"] }),
            ChoiceKind::Text { default } => json!({ "text": default, "value": default }),
        }
    }

    /// Returns the entry that says what choosing all of them means, where it is not the list of them.
    pub(crate) fn all_value(&self) -> Option<(String, Value)> {
        match self.kind {
            ChoiceKind::Query { all: Some(all), .. } => Some(("allValue".to_owned(), json!(all))),
            _ => None,
        }
    }
}
