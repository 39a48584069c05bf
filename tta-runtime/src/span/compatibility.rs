//! Attributes beside those of the conventions, for receivers that read other names.

use opentelemetry::{Array, KeyValue, Value};
use serde_json::Value as Json;

use super::record::{Origin, SpanRecord};
use crate::schema::genai;
use crate::span_limits::SpanLimit;

/// The receivers for which spans say more: `TTA_COMPATIBILITY`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compatibility {
    /// `OpenInference`, which Phoenix reads: the kind of a span, and its input and output.
    pub(crate) openinference: bool,
    /// `MLflow`: the type of a span.
    pub(crate) mlflow: bool,
}

/// What a kind of call is for these receivers.
struct Kind {
    primitive_type: &'static str,
    action: &'static str,
    openinference: &'static str,
    mlflow: &'static str,
}

const fn kind(
    primitive_type: &'static str,
    action: &'static str,
    openinference: &'static str,
    mlflow: &'static str,
) -> Kind {
    Kind { primitive_type, action, openinference, mlflow }
}

/// An empty action stands for all others of the type.
const KINDS: &[Kind] = &[
    kind("llm", "chat", "LLM", "CHAT_MODEL"),
    kind("llm", "stream", "LLM", "CHAT_MODEL"),
    kind("llm", "", "LLM", "LLM"),
    kind("embedding", "", "EMBEDDING", "EMBEDDING"),
    kind("retrieval", "rerank", "RERANKER", "RERANKER"),
    kind("retrieval", "", "RETRIEVER", "RETRIEVER"),
    kind("tool", "", "TOOL", "TOOL"),
    kind("agent", "", "AGENT", "AGENT"),
    kind("guardrail", "", "GUARDRAIL", "GUARDRAIL"),
    kind("validator", "", "EVALUATOR", "EVALUATOR"),
    kind("memory", "", "CHAIN", "MEMORY"),
];

/// Everything else is a step of a chain.
const STEP: &Kind = &kind("", "", "CHAIN", "CHAIN");

/// The primitive types of the conventions' operations, for spans of other libraries.
const OPERATIONS: &[(&str, &str)] = &[
    ("chat", "llm"),
    ("generate_content", "llm"),
    ("text_completion", "llm"),
    (genai::EMBEDDINGS, "embedding"),
    ("retrieval", "retrieval"),
    ("execute_tool", "tool"),
    ("create_agent", "agent"),
    ("invoke_agent", "agent"),
    ("plan", "agent"),
    ("invoke_workflow", "workflow"),
    ("create_memory", "memory"),
    ("create_memory_store", "memory"),
    ("delete_memory", "memory"),
    ("delete_memory_store", "memory"),
    ("search_memory", "memory"),
    ("update_memory", "memory"),
    ("upsert_memory", "memory"),
];

impl Compatibility {
    /// Adds the attributes to a span that ended.
    pub(crate) fn complete(self, span: &mut SpanRecord) {
        let known = span.attributes.unpack();
        let kind = match &span.origin {
            Origin::Call { constants, .. } => Some(kind_of(constants.primitive_type, constants.action)),
            #[cfg(feature = "blocks")]
            Origin::Block(_) => Some(STEP),
            Origin::Foreign(_) => foreign_kind(&known),
        };
        for attribute in self.attributes(kind, &known) {
            span.set(attribute);
        }
    }

    fn attributes(self, kind: Option<&Kind>, known: &[KeyValue]) -> Vec<KeyValue> {
        let find = |key: &str| known.iter().find(|have| have.key.as_str() == key).map(|have| &have.value);
        let mut added = Vec::new();
        if let Some(written) = find(genai::USAGE_CACHE_WRITE) {
            added.push(KeyValue::new(genai::USAGE_CACHE_CREATION, written.clone()));
        }
        let output = find(genai::OUTPUT_MESSAGES).map(|messages| {
            let finished = with_finish_reasons(&messages.as_str(), find(genai::RESPONSE_FINISH_REASONS));
            // A text that the limit would cut is no list of messages.
            let finished = finished.filter(|text| text.len() <= SpanLimit::TextLength.value());
            finished.map_or_else(|| messages.clone(), Value::from)
        });
        added.extend(output.clone().map(|messages| KeyValue::new(genai::OUTPUT_MESSAGES, messages)));
        if let Some(kind) = kind {
            added.extend(self.openinference.then(|| KeyValue::new("openinference.span.kind", kind.openinference)));
            added.extend(self.mlflow.then(|| KeyValue::new("mlflow.spanType", kind.mlflow)));
        }
        if self.openinference {
            let input = find(genai::INPUT_MESSAGES).or_else(|| find(genai::TOOL_CALL_ARGUMENTS)).cloned();
            let output = output.or_else(|| find(genai::TOOL_CALL_RESULT).cloned());
            for (value, [key, mime_type]) in
                [(input, ["input.value", "input.mime_type"]), (output, ["output.value", "output.mime_type"])]
            {
                if let Some(value) = value {
                    let is_json = serde_json::from_str::<Json>(&value.as_str()).is_ok();
                    let form = if is_json { "application/json" } else { "text/plain" };
                    added.extend([KeyValue::new(key, value), KeyValue::new(mime_type, form)]);
                }
            }
        }
        added
    }
}

fn kind_of(primitive_type: &str, action: &str) -> &'static Kind {
    let is_it = |kind: &&Kind| kind.primitive_type == primitive_type && [action, ""].contains(&kind.action);
    KINDS.iter().find(is_it).unwrap_or(STEP)
}

fn foreign_kind(known: &[KeyValue]) -> Option<&'static Kind> {
    let operation = known.iter().find(|have| have.key.as_str() == genai::OPERATION_NAME)?.value.as_str();
    let (_, primitive_type) = OPERATIONS.iter().find(|(name, _)| *name == operation)?;
    let action = if operation == "chat" { "chat" } else { "" };
    Some(kind_of(primitive_type, action))
}

/// Gives each output message the reason for which it ended, as the conventions' schema of messages wants it. `None` if the text is
/// no list of messages, as one that was cut.
fn with_finish_reasons(messages: &str, reasons: Option<&Value>) -> Option<String> {
    let Some(Value::Array(Array::String(reasons))) = reasons else { return None };
    let mut messages: Vec<Json> = serde_json::from_str(messages).ok()?;
    for (message, reason) in messages.iter_mut().zip(reasons) {
        message.as_object_mut()?.entry("finish_reason").or_insert_with(|| reason.as_str().into());
    }
    serde_json::to_string(&messages).ok()
}

#[cfg(test)]
mod tests {
    use opentelemetry::{KeyValue, StringValue, Value};

    use super::{Compatibility, foreign_kind, kind_of};

    fn attributes(compatibility: Compatibility, known: &[KeyValue]) -> Vec<String> {
        let added = compatibility.attributes(Some(kind_of("llm", "chat")), known);
        added.iter().map(|added| format!("{}: {}", added.key, added.value)).collect()
    }

    #[test]
    fn each_receiver_gets_its_names() {
        let reasons = Value::Array(vec![StringValue::from("length")].into());
        let known = [
            KeyValue::new("gen_ai.input.messages", "cut [{"),
            KeyValue::new("gen_ai.output.messages", r#"[{"role":"assistant"},{"role":"assistant"}]"#),
            KeyValue::new("gen_ai.response.finish_reasons", reasons),
            KeyValue::new("gen_ai.usage.cache_write.input_tokens", 7),
        ];
        let finished = r#"[{"finish_reason":"length","role":"assistant"},{"role":"assistant"}]"#;
        let of_both =
            ["gen_ai.usage.cache_creation.input_tokens: 7".to_owned(), format!("gen_ai.output.messages: {finished}")];
        let of_phoenix = [
            "openinference.span.kind: LLM".to_owned(),
            "input.value: cut [{".to_owned(),
            "input.mime_type: text/plain".to_owned(),
            format!("output.value: {finished}"),
            "output.mime_type: application/json".to_owned(),
        ];
        let openinference = Compatibility { openinference: true, mlflow: false };
        assert_eq!(attributes(openinference, &known), [&of_both[..], &of_phoenix].concat());
        let mlflow = Compatibility { openinference: false, mlflow: true };
        assert_eq!(attributes(mlflow, &known), [&of_both[..], &["mlflow.spanType: CHAT_MODEL".to_owned()]].concat());
        assert_eq!(attributes(openinference, &[]), ["openinference.span.kind: LLM"]);
    }

    #[test]
    fn every_type_has_a_kind() {
        let of = |primitive_type, action| {
            let kind = kind_of(primitive_type, action);
            (kind.openinference, kind.mlflow)
        };
        assert_eq!(of("llm", "generate"), ("LLM", "LLM"));
        assert_eq!(of("retrieval", "rerank"), ("RERANKER", "RERANKER"));
        assert_eq!(of("retrieval", "search"), ("RETRIEVER", "RETRIEVER"));
        assert_eq!([of("workflow", "execute"), of("fallback", "execute")], [("CHAIN", "CHAIN"); 2]);
        let foreign = |operation: &'static str| {
            foreign_kind(&[KeyValue::new("gen_ai.operation.name", operation)]).map(|kind| kind.mlflow)
        };
        let known = ["chat", "execute_tool", "create_agent", "search_memory", "invoke_workflow"];
        assert_eq!(known.map(foreign), ["CHAT_MODEL", "TOOL", "AGENT", "MEMORY", "CHAIN"].map(Some));
        assert_eq!(foreign("responses"), None);
        assert!(foreign_kind(&[]).is_none());
    }
}
