//! The variables of dashboards: data sources, and labels to filter by.

use serde_json::{Value, json};

use crate::file::profile::Profile;

/// The Prometheus data source of panels.
pub(crate) const PROMETHEUS: &str = "${datasource}";
/// The Jaeger data source of panels.
pub(crate) const JAEGER: &str = "${traces}";

/// The name of the variable that holds the id of the shown trace.
pub(crate) const TRACE: &str = "trace";

/// A variable that a reader sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The Prometheus data source.
    Datasource,
    /// Values of a label; they filter all series that have the label.
    Label {
        /// The name in queries.
        name: &'static str,
        /// The title that a reader sees.
        title: &'static str,
        /// The label.
        label: &'static str,
        /// The series whose values of the label are offered.
        of: &'static str,
    },
    /// The Jaeger data source.
    Traces,
    /// A text that a reader types, or that a link fills in.
    Text {
        /// The name in queries.
        name: &'static str,
        /// The title that a reader sees.
        title: &'static str,
        /// The purpose, in a sentence.
        description: &'static str,
        /// The initial text.
        default: &'static str,
    },
}

/// The job.
pub static JOB: Variable = label("job", "Job", "job", "tta_build_info");
/// The instance.
pub static INSTANCE: Variable = label("instance", "Instance", "instance", "tta_build_info");
/// The workflow.
pub static WORKFLOW: Variable = label("workflow", "Workflow", "workflow_name", "tta_workflow_executions_total");
/// The primitive.
pub static PRIMITIVE: Variable = label("primitive", "Primitive", "primitive_name", "tta_primitive_executions_total");
/// The model.
pub static MODEL: Variable = label("model", "Model", "model", "tta_llm_requests_total");

/// Returns a variable with values of a label.
pub(crate) const fn label(name: &'static str, title: &'static str, label: &'static str, of: &'static str) -> Variable {
    Variable::Label { name, title, label, of }
}

/// The definition of a variable, from which each schema renders its own.
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: String,
    pub(crate) kind: Source,
}

/// The source of a variable's values.
pub(crate) enum Source {
    /// Data sources of a plugin; `current` is selected at first.
    Datasource { plugin: &'static str, current: String },
    /// The results of a query, several at once or all. "All" matches the regular expression `all`, or else the list of results.
    Query { query: String, all: Option<&'static str> },
    /// Any text.
    Text { default: &'static str },
}

impl Variable {
    /// Returns the name in queries and URLs.
    pub(crate) fn name(&self) -> &'static str {
        match *self {
            Self::Datasource => "datasource",
            Self::Traces => "traces",
            Self::Label { name, .. } | Self::Text { name, .. } => name,
        }
    }

    /// Returns the label that the variable filters by, with the variable's name.
    pub(crate) fn filter(&self) -> Option<(&'static str, &'static str)> {
        match *self {
            Self::Label { name, label, .. } => Some((label, name)),
            _ => None,
        }
    }

    /// Returns the definition, with the profile's data source selected.
    pub(crate) fn definition(&self, profile: &Profile) -> Definition {
        match *self {
            Self::Datasource => Definition {
                name: self.name(),
                title: "Data source",
                description: "The Prometheus server that the numbers come from.".to_owned(),
                kind: Source::Datasource { plugin: "prometheus", current: profile.datasource.clone() },
            },
            Self::Traces => Definition {
                name: self.name(),
                title: "Traces",
                description: "The Jaeger server that the traces come from.".to_owned(),
                kind: Source::Datasource { plugin: "jaeger", current: "Jaeger".to_owned() },
            },
            Self::Label { name, title, label, of } => {
                let scope = if label == "job" { "" } else { "{job=~\"$job\"}" };
                Definition {
                    name,
                    title,
                    description: format!("Narrows what is shown to values of the label `{label}`."),
                    kind: Source::Query {
                        query: format!("label_values({of}{scope}, {label})"),
                        // For `job`, "all" must be the list: jobs without TTA have an `up` series, too.
                        all: (label != "job").then_some(".*"),
                    },
                }
            }
            Self::Text { name, title, description, default } => {
                Definition { name, title, description: description.to_owned(), kind: Source::Text { default } }
            }
        }
    }
}

impl Definition {
    /// Returns the initial selection.
    pub(crate) fn current(&self) -> Value {
        match &self.kind {
            Source::Datasource { current, .. } => json!({ "text": current, "value": current }),
            Source::Query { .. } => json!({ "text": ["All"], "value": ["$__all"] }),
            Source::Text { default } => json!({ "text": default, "value": default }),
        }
    }

    /// Returns the entry `allValue`, if "all" is a regular expression.
    pub(crate) fn all_value(&self) -> Option<(String, Value)> {
        match self.kind {
            Source::Query { all: Some(all), .. } => Some(("allValue".to_owned(), json!(all))),
            _ => None,
        }
    }
}
