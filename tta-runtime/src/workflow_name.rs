//! The name of a workflow: that of a function, or one that the program gave.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use opentelemetry::StringValue;

/// The name of a workflow.
#[derive(Clone, Debug)]
pub(crate) enum WorkflowName {
    /// That of a function, which every run of it shares without a count of those who do.
    OfFunction(&'static str),
    Given(Arc<str>),
}

impl Deref for WorkflowName {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::OfFunction(name) => name,
            Self::Given(name) => name,
        }
    }
}

impl From<Cow<'_, str>> for WorkflowName {
    fn from(name: Cow<'_, str>) -> Self {
        Self::Given(name.into())
    }
}

impl From<&WorkflowName> for StringValue {
    fn from(name: &WorkflowName) -> Self {
        match name {
            WorkflowName::OfFunction(name) => (*name).into(),
            WorkflowName::Given(name) => Arc::clone(name).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use opentelemetry::StringValue;

    use super::WorkflowName;

    #[test]
    fn a_name_is_the_same_text_wherever_it_comes_from() {
        for name in [WorkflowName::OfFunction("plan"), Cow::Borrowed("plan").into()] {
            assert_eq!((&*name, StringValue::from(&name).as_str()), ("plan", "plan"));
        }
    }
}
