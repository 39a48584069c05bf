//! The constants of an annotated function, written by the expansion of the attribute.

use crate::schema::{Id, genai};

/// The constants of an annotated function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    /// The role of its calls.
    pub(crate) role: Role,
    /// The label `primitive_type`.
    pub(crate) primitive_type: &'static str,
    /// The label `action`.
    pub(crate) action: &'static str,
    /// The label `primitive_name`.
    pub(crate) name: &'static str,
    /// The span's name, `primitive.{type}.{action}`.
    pub(crate) span_name: &'static str,
    /// The function's path, the attribute `code.function.name`.
    pub(crate) function: &'static str,
    /// The attribute `code.file.path`.
    pub(crate) file: &'static str,
    /// The attribute `code.line.number`.
    pub(crate) line: u32,
    /// The function's own labels, in the order in which calls pass their values.
    pub(crate) labels: &'static [LabelDef],
    /// The bucket bounds of the duration histogram, in seconds.
    pub(crate) buckets: &'static [f64],
    /// The objectives.
    pub(crate) slo: Slo,
    /// True if its calls are steps of their run, which a loop guard watches.
    pub(crate) is_guarded: bool,
}

impl Constants {
    /// Returns whether a call invokes an agent; planning is a part of an invocation.
    pub(crate) fn invokes_agent(&self) -> bool {
        genai::operation(self.primitive_type, self.action) == Some(genai::INVOKE_AGENT)
    }

    /// Returns the metric that the conventions have of the durations of such calls, besides those of models.
    pub(crate) fn convention_durations(&self) -> Option<Id> {
        Some(match genai::operation(self.primitive_type, self.action)? {
            genai::EXECUTE_TOOL => Id::GenAiToolDuration,
            genai::INVOKE_AGENT => Id::GenAiAgentDuration,
            genai::INVOKE_WORKFLOW => Id::GenAiWorkflowDuration,
            _ => return None,
        })
    }
}

/// The role of a function's calls, beyond their spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The call is a workflow, and names it for the code inside.
    Workflow,
    /// The call is an agent, and names it for the code inside.
    Agent,
    /// The call asks a model and uses tokens.
    Model,
    /// The call runs a tool.
    Tool,
    /// The call is a retrieval.
    Retrieval,
    /// Any other call.
    Other,
}

/// One of a call site's own labels.
#[derive(Clone, Copy, Debug)]
pub struct LabelDef {
    pub(crate) name: &'static str,
    values: LabelValues,
}

/// The values of a label.
#[derive(Clone, Copy, Debug)]
enum LabelValues {
    /// All values of the label's type.
    Closed(fn() -> Vec<&'static str>),
    Literal(&'static str),
    /// Values that only calls know.
    Open,
    /// The places of the largest.
    Top,
}

impl LabelDef {
    /// Creates a label whose values are those of a type, if the type is a closed set; an open one otherwise.
    #[must_use]
    pub const fn closed(name: &'static str, values: Option<fn() -> Vec<&'static str>>) -> Self {
        match values {
            Some(values) => Self { name, values: LabelValues::Closed(values) },
            None => Self::open(name),
        }
    }

    /// Creates a label with a single value.
    #[must_use]
    pub const fn literal(name: &'static str, value: &'static str) -> Self {
        Self { name, values: LabelValues::Literal(value) }
    }

    /// Creates a label whose values only calls know.
    #[must_use]
    pub const fn open(name: &'static str) -> Self {
        Self { name, values: LabelValues::Open }
    }

    /// Creates a label whose values are the places of the largest.
    #[must_use]
    pub const fn top(name: &'static str) -> Self {
        Self { name, values: LabelValues::Top }
    }

    /// Returns whether the values are the places of the largest.
    pub(crate) fn is_top(&self) -> bool {
        matches!(self.values, LabelValues::Top)
    }

    pub(super) fn values(&self) -> Option<Vec<&'static str>> {
        match self.values {
            LabelValues::Closed(values) => Some(values()),
            LabelValues::Literal(value) => Some(vec![value]),
            LabelValues::Open | LabelValues::Top => None,
        }
    }
}

/// The objectives of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// The percentage of calls that should succeed.
    pub availability: Option<f64>,
    /// The objective for the duration of successful calls.
    pub latency: Option<LatencySlo>,
}

/// An objective for the duration of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySlo {
    /// The longest duration of a good call, in seconds.
    pub threshold_seconds: f64,
    /// The percentage of calls that should be good.
    pub percent: f64,
}

impl Slo {
    /// No objectives.
    pub const NONE: Self = Self { availability: None, latency: None };
}
