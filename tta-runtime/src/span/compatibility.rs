//! Attributes beside those of the conventions, for receivers that read other names.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use serde_json::Value as Json;

use super::record::Origin;
use crate::packed_attributes::PackedAttributes;
use crate::schema::genai;

/// The receivers for which spans say more: `TTA_COMPATIBILITY`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compatibility {
    /// `OpenInference`, which Phoenix reads: the kind of a span, its input and output, and tokens that it does not read elsewhere.
    pub(crate) openinference: bool,
    /// `MLflow`: the type of a span, and its input with the instructions.
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

/// The names of `OpenInference` for a value and its form.
const INPUT: [&str; 2] = ["input.value", "input.mime_type"];
const OUTPUT: [&str; 2] = ["output.value", "output.mime_type"];

/// Tokens that Phoenix reads under its own names alone.
const TOKENS: &[(&str, &str)] = &[
    (genai::USAGE_REASONING, "llm.token_count.completion_details.reasoning"),
    (genai::USAGE_AUDIO_INPUT, "llm.token_count.prompt_details.audio"),
    (genai::USAGE_AUDIO_OUTPUT, "llm.token_count.completion_details.audio"),
];

impl Compatibility {
    /// Returns the bytes that a span counts for what is added to it on its way out: about as many as its own attributes have if there is
    /// content among them, of which most of it is a copy.
    pub(super) fn weight(attributes: &PackedAttributes) -> usize {
        const KINDS_AND_KEYS: usize = 512;
        let has_content = attributes.has_key(|key| genai::CONTENT.iter().any(|content| content.as_bytes() == key));
        KINDS_AND_KEYS + if has_content { attributes.bytes() } else { 0 }
    }

    /// Adds the attributes to those of a span that ended. Returns how many the limit left out.
    ///
    /// It parses and copies content: export threads do that for each batch, so that calls do not wait for it.
    pub(super) fn complete(self, origin: &Origin, attributes: &mut PackedAttributes) -> usize {
        let known = attributes.unpack();
        let kind = match origin {
            Origin::Call { constants, .. } => Some(kind_of(constants.primitive_type, constants.action)),
            #[cfg(feature = "blocks")]
            Origin::Block(_) => Some(STEP),
            Origin::Foreign(_) => foreign_kind(&known),
        };
        let added = self.attributes(kind, &known).into_iter();
        added
            .filter(|KeyValue { key, value, .. }| !attributes.set_if_there_is_space(key.as_str(), value.clone()))
            .count()
    }

    fn attributes(self, kind: Option<&Kind>, known: &[KeyValue]) -> Vec<KeyValue> {
        let find = |key: &str| known.iter().find(|have| have.key.as_str() == key).map(|have| &have.value);
        let mut added = Vec::new();
        if let Some(written) = find(genai::USAGE_CACHE_WRITE) {
            added.push(KeyValue::new(genai::USAGE_CACHE_CREATION, written.clone()));
        }
        let output = find(genai::OUTPUT_MESSAGES).map(|messages| {
            let finished = with_finish_reasons(&messages.as_str(), find(genai::RESPONSE_FINISH_REASONS));
            finished.map_or_else(|| messages.clone(), Value::from)
        });
        added.extend(output.clone().map(|messages| KeyValue::new(genai::OUTPUT_MESSAGES, messages)));
        if let Some(kind) = kind {
            added.extend(self.openinference.then(|| KeyValue::new("openinference.span.kind", kind.openinference)));
            added.extend(self.mlflow.then(|| KeyValue::new("mlflow.spanType", kind.mlflow)));
        }
        let whole_input = find(genai::SYSTEM_INSTRUCTIONS)
            .and_then(|instructions| with_instructions(instructions, find(genai::INPUT_MESSAGES)).map(Value::from));
        if self.openinference {
            let tokens = TOKENS.iter().filter_map(|&(from, to)| Some(KeyValue::new(to, find(from)?.clone())));
            added.extend(tokens);
            let input = whole_input
                .or_else(|| find(genai::INPUT_MESSAGES).or_else(|| find(genai::TOOL_CALL_ARGUMENTS)).cloned());
            let output =
                output.or_else(|| find(genai::TOOL_CALL_RESULT).or_else(|| find(genai::RETRIEVAL_DOCUMENTS)).cloned());
            added.extend(input.into_iter().flat_map(|value| with_form(INPUT, value)));
            added.extend(output.into_iter().flat_map(|value| with_form(OUTPUT, value)));
        } else {
            // It reads messages under the conventions' names, but not the instructions.
            added.extend(whole_input.into_iter().flat_map(|value| with_form(INPUT, value)));
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

fn with_form([key, mime_type]: [&'static str; 2], value: Value) -> [KeyValue; 2] {
    let is_json = serde_json::from_str::<Json>(&value.as_str()).is_ok();
    let form = if is_json { "application/json" } else { "text/plain" };
    [KeyValue::new(key, value), KeyValue::new(mime_type, form)]
}

/// Gives each output message the reason for which it ended, as the conventions' schema of messages wants it: an empty one where it is
/// not known, since Phoenix shows no message without. `None` if the text is no list of messages, as one that was cut.
fn with_finish_reasons(messages: &str, reasons: Option<&Value>) -> Option<String> {
    let known: &[StringValue] = if let Some(Value::Array(Array::String(reasons))) = reasons { reasons } else { &[] };
    let reasons = known.iter().map(StringValue::as_str).chain(std::iter::repeat(""));
    let mut messages: Vec<Json> = serde_json::from_str(messages).ok()?;
    for (message, reason) in messages.iter_mut().zip(reasons) {
        message.as_object_mut()?.entry("finish_reason").or_insert_with(|| reason.into());
    }
    serde_json::to_string(&messages).ok()
}

/// Puts the instructions before the messages, as one of the role `system`. `None` if one of them is no list, as one that was cut.
fn with_instructions(instructions: &Value, messages: Option<&Value>) -> Option<String> {
    let parts: Vec<Json> = serde_json::from_str(&instructions.as_str()).ok()?;
    let mut all = vec![serde_json::json!({"role": "system", "parts": parts})];
    if let Some(messages) = messages {
        all.extend(serde_json::from_str::<Vec<Json>>(&messages.as_str()).ok()?);
    }
    serde_json::to_string(&all).ok()
}

#[cfg(test)]
mod tests {
    use opentelemetry::{KeyValue, StringValue, Value};

    use super::super::convert::span_data;
    use super::super::description::Description;
    use super::super::record::{Origin, SpanRecord};
    use super::{Compatibility, foreign_kind, kind_of};
    use crate::clock::Clock;
    use crate::id::SpanIds;
    use crate::span_limits::{LostPart, SpanLimit};

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
        let finished = r#"[{"finish_reason":"length","role":"assistant"},{"finish_reason":"","role":"assistant"}]"#;
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
    fn instructions_come_first_in_the_input() {
        let messages = KeyValue::new("gen_ai.input.messages", r#"[{"parts":[],"role":"user"}]"#);
        let known = [KeyValue::new("gen_ai.system_instructions", r#"[{"content":"Be brief."}]"#), messages.clone()];
        let whole = r#"[{"parts":[{"content":"Be brief."}],"role":"system"},{"parts":[],"role":"user"}]"#;
        let input = [format!("input.value: {whole}"), "input.mime_type: application/json".to_owned()];
        for (openinference, mlflow, kind) in
            [(true, false, "openinference.span.kind: LLM"), (false, true, "mlflow.spanType: CHAT_MODEL")]
        {
            let added = attributes(Compatibility { openinference, mlflow }, &known);
            assert_eq!(added, [&[kind.to_owned()][..], &input].concat());
        }
        let mlflow = Compatibility { openinference: false, mlflow: true };
        assert_eq!(attributes(mlflow, &[messages]), ["mlflow.spanType: CHAT_MODEL"]);
        let long = "x".repeat(9_000);
        let known = [KeyValue::new("gen_ai.system_instructions", format!(r#"[{{"content":"{long}"}}]"#))];
        let input = format!(r#"input.value: [{{"parts":[{{"content":"{long}"}}],"role":"system"}}]"#);
        let form = "input.mime_type: application/json".to_owned();
        assert_eq!(attributes(mlflow, &known), ["mlflow.spanType: CHAT_MODEL".to_owned(), input, form]);
    }

    #[test]
    fn what_a_retrieval_found_is_its_output() {
        let openinference = Compatibility { openinference: true, mlflow: false };
        let found = r#"[{"id":"doc-7","score":0.92}]"#;
        let expected =
            ["openinference.span.kind: LLM", &format!("output.value: {found}"), "output.mime_type: application/json"];
        assert_eq!(attributes(openinference, &[KeyValue::new("gen_ai.retrieval.documents", found)]), expected);
    }

    #[test]
    fn phoenix_gets_all_kinds_of_tokens() {
        let openinference = Compatibility { openinference: true, mlflow: false };
        let known = [
            KeyValue::new("gen_ai.usage.reasoning.output_tokens", 5),
            KeyValue::new("gen_ai.usage.audio.input_tokens", 6),
            KeyValue::new("gen_ai.usage.audio.output_tokens", 7),
        ];
        let expected = [
            "openinference.span.kind: LLM",
            "llm.token_count.completion_details.reasoning: 5",
            "llm.token_count.prompt_details.audio: 6",
            "llm.token_count.completion_details.audio: 7",
        ];
        assert_eq!(attributes(openinference, &known), expected);
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

    /// Describes a span for both receivers: the keys of what is added, how many attributes are dropped, and the lost parts.
    fn described(record: &SpanRecord) -> (Vec<String>, u32, Vec<(LostPart, usize)>) {
        let mut lost = Vec::new();
        let receivers = Compatibility { openinference: true, mlflow: true };
        let described = Description::new(record, Clock::System.anchor()).compatible_with(Some(receivers));
        let data = span_data(described, &mut |part, n| lost.push((part, n)));
        let keys = data.attributes.iter().map(|attribute| attribute.key.to_string());
        let is_added = |key: &String| !key.starts_with("own") && !key.starts_with("execution.");
        (keys.filter(is_added).collect(), data.dropped_attributes_count, lost)
    }

    #[test]
    fn only_a_span_with_content_counts_a_copy_of_it() {
        let weight = |key: &'static str| {
            let attributes = [KeyValue::new(key, "x".repeat(5_000))].into_iter().collect();
            Compatibility::weight(&attributes)
        };
        assert!((5_512..6_000).contains(&weight("gen_ai.input.messages")));
        assert_eq!(weight("own"), 512);
    }

    #[test]
    fn a_record_stays_as_it_is_and_each_description_says_more() {
        let known = [KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("gen_ai.input.messages", "[]")];
        let record = |attributes: Vec<KeyValue>| {
            let attributes = attributes.into_iter().collect();
            SpanRecord::new(Origin::Foreign("ask".into()), SpanIds::NONE, SpanIds::NONE, attributes)
        };
        let span = record(known.to_vec());
        let own = known.each_ref().map(|attribute| attribute.key.to_string());
        let added = ["openinference.span.kind", "mlflow.spanType", "input.value", "input.mime_type"];
        let whole: Vec<_> = own.into_iter().chain(added.map(str::to_owned)).collect();
        for _ in 0..2 {
            assert_eq!(described(&span), (whole.clone(), 0, Vec::new()));
        }
        assert_eq!(span.attributes.unpack(), known);
        let most = SpanLimit::Attributes.value();
        let others = (0..most - 3).map(|n| KeyValue::new(format!("own {n}"), 1));
        let full = record(known.into_iter().chain(others).collect());
        let lost = vec![(LostPart::Attribute, 3)];
        assert_eq!(described(&full), (whole[..3].to_vec(), 3, lost), "the limit leaves room for one");
        assert_eq!(full.attributes.dropped(), 0);
    }
}
