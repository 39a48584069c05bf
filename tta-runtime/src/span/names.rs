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
    /// `gen_ai.data_source.id`), `{method} {tool or prompt}` for messages of MCP. Calls for which they have no operation are named as by [`Primitive`](Self::Primitive).
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
        if self == Self::Conventions && constants.primitive_type == "mcp" {
            return message(attributes);
        }
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

/// Returns the name for a message of MCP: its method, and the tool or the prompt that it is about.
fn message(attributes: &PackedAttributes) -> Option<Cow<'static, str>> {
    let method = attributes.get(genai::MCP_METHOD_NAME)?;
    let target = [genai::TOOL_NAME, genai::PROMPT_NAME].iter().find_map(|key| attributes.get(key));
    Some(target.map_or_else(|| method.to_string(), |target| format!("{method} {target}")).into())
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::{PackedAttributes, SpanNames};
    use crate::schema::{buckets, genai};
    use crate::site::{CallSite, Role};

    #[test]
    fn a_message_is_named_by_its_method_and_its_tool_or_prompt() {
        let site = CallSite::dynamic(
            Role::Other,
            ["mcp", "request", "weather", "primitive.mcp.request", "weather"],
            buckets::DEFAULT,
        );
        let name = |names: SpanNames, own: &[(&'static str, &'static str)]| {
            let own: PackedAttributes = own.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
            names.name(&site.constants, None, &own)
        };
        let call = [(genai::MCP_METHOD_NAME, "tools/call"), (genai::TOOL_NAME, "forecast")];
        let get = [(genai::MCP_METHOD_NAME, "prompts/get"), (genai::PROMPT_NAME, "greeting")];
        let read = [(genai::MCP_METHOD_NAME, "resources/read"), (genai::MCP_RESOURCE_URI, "file:///a")];
        let named = [&call[..], &get, &read].map(|own| name(SpanNames::Conventions, own).unwrap());
        assert_eq!(named, ["tools/call forecast", "prompts/get greeting", "resources/read"]);
        assert_eq!(name(SpanNames::Primitive, &call), None);
    }
}
