//! The names of spans of calls.

use std::borrow::Cow;

use crate::model::ModelCall;
use crate::packed_attributes::PackedAttributes;
use crate::schema::genai;
use crate::site::{Constants, Role};

/// The convention that names the spans of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanNames {
    /// `primitive.{type}.{action}`, such as `primitive.llm.chat`.
    #[default]
    Primitive,
    /// As OpenTelemetry's conventions for generative AI: `{operation} {model}`, such as `chat gpt-4o-mini`, and
    /// `execute_tool {tool}`, `invoke_agent {agent}`, `invoke_workflow {workflow}`, `retrieval {data source}` (the attribute
    /// `gen_ai.data_source.id`). Calls for which they have no operation are named as by [`Primitive`](Self::Primitive).
    Conventions,
}

impl SpanNames {
    /// Returns the name of a call's span, `None` if it is the call site's; `attributes` are those that are known at its start.
    pub(crate) fn name(
        self,
        constants: &Constants,
        model: Option<&ModelCall>,
        attributes: &PackedAttributes,
    ) -> Option<Cow<'static, str>> {
        let operation = match self {
            Self::Primitive => None,
            Self::Conventions => genai::operation(constants.primitive_type, constants.action),
        }?;
        let target: Option<Cow<'_, str>> = match constants.role {
            Role::Model => model.and_then(|call| call.name.known_model()),
            Role::Retrieval => attributes.get(genai::DATA_SOURCE_ID).map(|source| source.to_string().into()),
            Role::Workflow | Role::Agent | Role::Tool => Some(Cow::Borrowed(constants.name)),
            Role::Other => None,
        };
        Some(target.map_or(Cow::Borrowed(operation), |target| Cow::Owned(format!("{operation} {target}"))))
    }
}
