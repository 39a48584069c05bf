//! The constants of an annotated function, as the attribute's expansion states them.

/// What the expansion of the attribute says about the function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    /// What its calls mean beyond their own span.
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
    /// Its own labels, in the order in which calls give their values.
    pub(crate) labels: &'static [LabelDef],
    /// The bucket bounds of its histogram, in seconds.
    pub(crate) buckets: &'static [f64],
    /// Its objectives.
    pub(crate) slo: Slo,
}

/// What calls of a function mean beyond their own span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Names the workflow for all that runs inside.
    Workflow,
    /// Names the agent for all that runs inside.
    Agent,
    /// Asks a model, and uses tokens.
    Model,
    /// Runs a tool.
    Tool,
    /// Searches.
    Retrieval,
    /// None of these.
    Other,
}

/// A label of a call site's own.
#[derive(Clone, Copy, Debug)]
pub struct LabelDef {
    pub(crate) name: &'static str,
    values: Values,
}

#[derive(Clone, Copy, Debug)]
enum Values {
    /// All values of the label's type.
    Closed(fn() -> Vec<&'static str>),
    Literal(&'static str),
    /// Values that are only known when a call brings them.
    Open,
}

impl LabelDef {
    /// A label whose values are those of a type, if that type is a closed set.
    #[must_use]
    pub const fn closed(name: &'static str, values: Option<fn() -> Vec<&'static str>>) -> Self {
        match values {
            Some(values) => Self { name, values: Values::Closed(values) },
            None => Self::open(name),
        }
    }

    /// A label with one value.
    #[must_use]
    pub const fn literal(name: &'static str, value: &'static str) -> Self {
        Self { name, values: Values::Literal(value) }
    }

    /// A label whose values are known when a call brings them.
    #[must_use]
    pub const fn open(name: &'static str) -> Self {
        Self { name, values: Values::Open }
    }

    pub(super) fn values(&self) -> Option<Vec<&'static str>> {
        match self.values {
            Values::Closed(values) => Some(values()),
            Values::Literal(value) => Some(vec![value]),
            Values::Open => None,
        }
    }
}

/// The objectives of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// Percent of calls that should succeed.
    pub availability: Option<f64>,
    /// How many calls should succeed how fast.
    pub latency: Option<LatencySlo>,
}

/// An objective for the duration of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySlo {
    /// The longest duration of a good call, in seconds.
    pub threshold_seconds: f64,
    /// Percent of calls that should be good.
    pub percent: f64,
}

impl Slo {
    /// No objectives.
    pub const NONE: Self = Self { availability: None, latency: None };
}
