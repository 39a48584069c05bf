//! Records the parameters of a request to a model: temperature, limits, formats.

use opentelemetry::{Array, KeyValue, StringValue, Value as Attribute};
use serde::Serialize;
use serde_json::{Map, Value};

use super::offered_tools;
use crate::attribute::Attributes;
use crate::context::frame::with_current;
use crate::model::pick;
use crate::panics::caught;
use crate::schema::genai;

/// Records on the span of the current model call what its request asks for: `gen_ai.request.temperature`, `….max_tokens`,
/// `….top_p`, `….top_k`, `….seed`, `….choice.count`, `….stop_sequences`, `….frequency_penalty`, `….presence_penalty`,
/// `….reasoning.level`, `….encoding_formats`, `….stream`, `gen_ai.output.type` and `gen_ai.embeddings.dimension.count`.
///
/// `request` is whatever serialises as the request's body: JSON, or the type of a client such as async-openai. The names of
/// OpenAI, Anthropic, Gemini, Bedrock, Cohere, Mistral and Ollama are known. Messages are not read, however large they
/// are; [`content`](super::content) records them on request. The tools that the request offers are content too: where content is
/// wanted, they are recorded as `gen_ai.tool.definitions`, in the one form of the conventions.
///
/// Returns whether something was recorded: false outside of an annotated function of type `llm` or `embedding`, in a trace that is
/// not sampled, and for a request without any of these. Nothing of it is in a metric, and a sampler does not see it. The key
/// `request` of the attribute records the same before the span begins, so that a sampler sees it, the tools excepted.
///
/// A request to an agent that the provider keeps names it: `agent_id` of Mistral, `assistant_id` of OpenAI, `agent` of Azure and of Gemini
/// are `gen_ai.agent.id`, `….name` and `….version`.
///
/// ```
/// use serde_json::json;
/// use tta_runtime::llm::{self, Usage};
/// use tta_runtime::primitive;
/// # use tta_runtime::testing::Recording;
///
/// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
/// fn ask(question: &str) -> Usage {
///     let body = json!({
///         "model": "gpt-4o-mini",
///         "temperature": 0.2,
///         "max_completion_tokens": 300,
///         "messages": [{"role": "user", "content": question}],
///     });
///     llm::request(&body);
///     Usage::new(12, 3)
/// }
///
/// # let recording = Recording::new();
/// # recording.run(|| ask("What does oil cost?"));
/// # let spans = recording.spans();
/// let recorded = |key: &str| spans[0].attributes.iter().find(|known| known.key.as_str() == key).unwrap().value.clone();
/// assert_eq!(recorded("gen_ai.request.temperature"), 0.2.into());
/// assert_eq!(recorded("gen_ai.request.max_tokens"), 300.into());
/// ```
pub fn request<T: Serialize + ?Sized>(request: &T) -> bool {
    let is_wanted = with_current(|frame| frame.model.is_some() && !frame.model_is_borrowed && frame.record.is_some());
    if is_wanted != Some(true) {
        return false;
    }
    let has_tools = offered_tools::record(request);
    // Serialising is the program's code: if it panics, the call continues without the attributes.
    let attributes = caught(|| attributes(&pick(request, &is_known))).unwrap_or_default();
    if attributes.is_empty() {
        return has_tools;
    }
    let set = with_current(|frame| {
        let span = frame.record.as_mut()?;
        for attribute in attributes {
            span.set(attribute);
        }
        Some(())
    });
    set.flatten().is_some()
}

impl Attributes {
    /// Adds what a request asks for, before the span begins, and where content is wanted the tools that it offers; attributes of the same
    /// names stay as they are.
    pub fn request<T: Serialize + ?Sized>(&mut self, request: &T) {
        // As above: if serialising panics, the other attributes are recorded.
        for attribute in caught(|| attributes(&pick(request, &is_known))).unwrap_or_default() {
            self.add_missing(attribute);
        }
        if let Some(tools) = offered_tools::of(request) {
            self.add_missing(tools);
        }
    }
}

/// An attribute, and the names under which requests have it.
struct Parameter {
    attribute: &'static str,
    names: &'static [&'static str],
    read: fn(&Value) -> Option<Attribute>,
}

const fn parameter(
    attribute: &'static str,
    read: fn(&Value) -> Option<Attribute>,
    names: &'static [&'static str],
) -> Parameter {
    Parameter { attribute, names, read }
}

/// The parameters. The names of Cohere are `k` and `p`, Mistral's is `random_seed`, Ollama's `num_predict`; names with capitals
/// are Gemini's and Bedrock's.
const PARAMETERS: &[Parameter] = &[
    parameter(genai::REQUEST_TEMPERATURE, number, &["temperature"]),
    parameter(
        genai::REQUEST_MAX_TOKENS,
        count,
        &[
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "maxOutputTokens",
            "maxTokens",
            "max_gen_len",
            "num_predict",
        ],
    ),
    parameter(genai::REQUEST_TOP_P, number, &["top_p", "topP", "p"]),
    parameter(genai::REQUEST_TOP_K, number, &["top_k", "topK", "k"]),
    parameter(genai::REQUEST_SEED, count, &["seed", "random_seed"]),
    parameter(genai::REQUEST_CHOICE_COUNT, several, &["n", "candidateCount"]),
    parameter(genai::REQUEST_STOP_SEQUENCES, texts, &["stop", "stop_sequences", "stopSequences"]),
    parameter(genai::REQUEST_FREQUENCY_PENALTY, number, &["frequency_penalty", "frequencyPenalty"]),
    parameter(genai::REQUEST_PRESENCE_PENALTY, number, &["presence_penalty", "presencePenalty"]),
    parameter(genai::REQUEST_REASONING_LEVEL, text, &["reasoning_effort", "effort", "thinkingLevel"]),
    parameter(genai::REQUEST_ENCODING_FORMATS, texts, &["encoding_format", "embedding_types"]),
    parameter(genai::EMBEDDINGS_DIMENSION_COUNT, count, &["dimensions", "outputDimensionality", "output_dimension"]),
    parameter(genai::CONVERSATION_ID, identifier, &["conversation"]),
    parameter(genai::REQUEST_PREVIOUS_RESPONSE_ID, text, &["previous_response_id", "previous_interaction_id"]),
    parameter(genai::PROMPT_NAME, |prompt| text(prompt.get(ID)?), &["prompt"]),
    parameter(genai::PROMPT_VERSION, |prompt| text(prompt.get("version")?), &["prompt"]),
    parameter(genai::AGENT_ID, identifier, &["agent_id", "assistant_id"]),
    parameter(genai::AGENT_NAME, |agent| text(agent).or_else(|| text(agent.get(NAME)?)), &["agent"]),
    parameter(genai::AGENT_VERSION, |agent| text(agent.get("version")?), &["agent"]),
    parameter(genai::REQUEST_STREAM, is_true, &["stream"]),
    parameter(
        genai::OUTPUT_TYPE,
        output_type,
        &["response_format", "format", "responseMimeType", "modalities", "responseModalities"],
    ),
];

/// The objects in which some APIs keep parameters.
const GROUPS: &[&str] = &[
    "generationConfig",
    "inferenceConfig",
    "thinkingConfig",
    "options",
    "reasoning",
    "output_config",
    "text",
    "additional_params",
];

/// The field of a format that says which it is.
const TYPE: &str = "type";

/// The field of what a provider keeps, such as a conversation.
const ID: &str = "id";

/// The name of an agent that the provider keeps.
const NAME: &str = "name";

fn is_known(key: &str) -> bool {
    [TYPE, ID, NAME, "version"].contains(&key)
        || GROUPS.contains(&key)
        || PARAMETERS.iter().any(|parameter| parameter.names.contains(&key))
}

fn attributes(request: &Value) -> Vec<KeyValue> {
    let mut found = Vec::new();
    if let Value::Object(fields) = request {
        collect(fields, &mut found);
    }
    found
}

/// Collects the parameters of an object and then of the groups in it; the first value of each attribute counts.
fn collect(fields: &Map<String, Value>, found: &mut Vec<KeyValue>) {
    for Parameter { attribute, names, read } in PARAMETERS {
        let is_new = |found: &[KeyValue]| found.iter().all(|have| have.key.as_str() != *attribute);
        let value = names.iter().find_map(|&name| fields.get(name).and_then(read));
        if let Some(value) = value.filter(|_| is_new(found)) {
            found.push(KeyValue::new(*attribute, value));
        }
    }
    for group in GROUPS {
        if let Some(Value::Object(group)) = fields.get(*group) {
            collect(group, found);
        }
    }
}

fn number(value: &Value) -> Option<Attribute> {
    Some(value.as_f64()?.into())
}

fn count(value: &Value) -> Option<Attribute> {
    Some(value.as_i64()?.into())
}

/// Returns a number of choices, which the conventions want unless it is 1.
fn several(value: &Value) -> Option<Attribute> {
    value.as_i64().filter(|n| *n != 1).map(Attribute::from)
}

fn is_true(value: &Value) -> Option<Attribute> {
    value.as_bool().filter(|is| *is).map(Attribute::from)
}

fn text(value: &Value) -> Option<Attribute> {
    Some(value.as_str()?.to_owned().into())
}

/// Returns an identifier; some APIs take an object that has it.
fn identifier(value: &Value) -> Option<Attribute> {
    text(value).or_else(|| text(value.get(ID)?))
}

/// Returns a list of texts; some APIs take one instead.
fn texts(value: &Value) -> Option<Attribute> {
    let texts: Vec<StringValue> = match value {
        Value::String(text) => vec![text.clone().into()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(|text| text.to_owned().into()).collect(),
        _ => Vec::new(),
    };
    Some(texts).filter(|texts| !texts.is_empty()).map(|texts| Attribute::Array(Array::String(texts)))
}

/// Returns what the output shall be, by the conventions' names; of several modalities the one that is not text.
fn output_type(value: &Value) -> Option<Attribute> {
    let named = |name: &str| match name.to_ascii_lowercase().as_str() {
        "json" | "json_object" | "json_schema" | "application/json" => Some("json"),
        "text" | "text/plain" => Some("text"),
        "image" => Some("image"),
        "audio" | "speech" => Some("speech"),
        _ => None,
    };
    let name = match value {
        Value::String(name) => named(name),
        Value::Array(names) => {
            let names: Vec<_> = names.iter().filter_map(|name| named(name.as_str()?)).collect();
            names.iter().find(|name| **name != "text").or(names.first()).copied()
        }
        // Ollama takes a schema itself, whose type is that of the outermost value.
        Value::Object(format) => match format.get(TYPE).and_then(Value::as_str) {
            Some("object" | "array") => Some("json"),
            Some(name) => named(name),
            None => None,
        },
        _ => None,
    };
    name.map(Attribute::from)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::{attributes, is_known};
    use crate::model::pick;

    #[track_caller]
    fn check(request: &(impl Serialize + ?Sized), expected: &Expect) {
        let mut text = String::new();
        for attribute in attributes(&pick(request, &is_known)) {
            writeln!(text, "{} = {:?}", attribute.key, attribute.value).unwrap();
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn a_request_of_openai() {
        check(
            &json!({
                "model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x", "temperature": 9}],
                "temperature": 0.2, "max_completion_tokens": 300, "top_p": 1, "n": 2, "seed": 7, "stop": "\n",
                "frequency_penalty": 0.5, "presence_penalty": -0.5, "stream": true, "reasoning_effort": "low",
                "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"n": 3}}},
                "tools": [{"type": "function", "function": {"parameters": {"properties": {"seed": 1}}}}],
            }),
            &expect![[r#"
                gen_ai.request.temperature = F64(0.2)
                gen_ai.request.max_tokens = I64(300)
                gen_ai.request.top_p = F64(1.0)
                gen_ai.request.seed = I64(7)
                gen_ai.request.choice.count = I64(2)
                gen_ai.request.stop_sequences = Array(String([Owned("\n")]))
                gen_ai.request.frequency_penalty = F64(0.5)
                gen_ai.request.presence_penalty = F64(-0.5)
                gen_ai.request.reasoning.level = String(Owned("low"))
                gen_ai.request.stream = Bool(true)
                gen_ai.output.type = String(Static("json"))
            "#]],
        );
        check(
            &json!({"input": "x", "max_output_tokens": 20, "reasoning": {"effort": "high"},
                    "text": {"format": {"type": "text"}}, "n": 1, "stream": false, "temperature": null}),
            &expect![[r#"
                gen_ai.request.max_tokens = I64(20)
                gen_ai.request.reasoning.level = String(Owned("high"))
                gen_ai.output.type = String(Static("text"))
            "#]],
        );
        check(
            &json!({"input": ["x"], "encoding_format": "base64", "dimensions": 256}),
            &expect![[r#"
            gen_ai.request.encoding_formats = Array(String([Owned("base64")]))
            gen_ai.embeddings.dimension.count = I64(256)
        "#]],
        );
    }

    #[test]
    fn what_the_provider_keeps() {
        let of_openai = |conversation: Value| {
            json!({"conversation": conversation, "previous_response_id": "resp_1", "id": "none",
                   "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Bergen"}}})
        };
        let expected = expect![[r#"
            gen_ai.conversation.id = String(Owned("conv_1"))
            gen_ai.request.previous_response.id = String(Owned("resp_1"))
            gen_ai.prompt.name = String(Owned("pmpt_1"))
            gen_ai.prompt.version = String(Owned("2"))
        "#]];
        check(&of_openai(json!("conv_1")), &expected);
        check(&of_openai(json!({"id": "conv_1"})), &expected);
        check(&json!({"prompt": "a text of a completion", "conversation": null}), &expect![""]);
    }

    #[test]
    fn the_agent_that_a_provider_keeps() {
        check(
            &json!({"agent_id": "ag_1", "messages": []}),
            &expect![[r#"
            gen_ai.agent.id = String(Owned("ag_1"))
        "#]],
        );
        check(
            &json!({"assistant_id": "asst_1", "temperature": 1}),
            &expect![[r#"
            gen_ai.request.temperature = F64(1.0)
            gen_ai.agent.id = String(Owned("asst_1"))
        "#]],
        );
        check(
            &json!({"agent": {"type": "agent_reference", "name": "clerk", "version": "3"}, "name": "none"}),
            &expect![[r#"
            gen_ai.agent.name = String(Owned("clerk"))
            gen_ai.agent.version = String(Owned("3"))
        "#]],
        );
        check(
            &json!({"agent": "deep-research"}),
            &expect![[r#"
            gen_ai.agent.name = String(Owned("deep-research"))
        "#]],
        );
    }

    #[test]
    fn requests_of_others() {
        check(
            &json!({"max_tokens": 10, "top_k": 5, "stop_sequences": ["a", "b"], "system": "x"}),
            &expect![[r#"
            gen_ai.request.max_tokens = I64(10)
            gen_ai.request.top_k = F64(5.0)
            gen_ai.request.stop_sequences = Array(String([Owned("a"), Owned("b")]))
        "#]],
        );
        check(
            &json!({"contents": [], "generationConfig": {"candidateCount": 3, "topK": 40, "responseModalities":
                    ["TEXT", "IMAGE"], "thinkingConfig": {"thinkingLevel": "HIGH"}}}),
            &expect![[r#"
                gen_ai.request.top_k = F64(40.0)
                gen_ai.request.choice.count = I64(3)
                gen_ai.output.type = String(Static("image"))
                gen_ai.request.reasoning.level = String(Owned("HIGH"))
            "#]],
        );
        check(
            &json!({"inferenceConfig": {"maxTokens": 10, "topP": 0.5}}),
            &expect![[r#"
            gen_ai.request.max_tokens = I64(10)
            gen_ai.request.top_p = F64(0.5)
        "#]],
        );
        check(
            &json!({"format": {"type": "object"}, "options": {"num_predict": 5, "seed": 3}}),
            &expect![[r#"
            gen_ai.output.type = String(Static("json"))
            gen_ai.request.max_tokens = I64(5)
            gen_ai.request.seed = I64(3)
        "#]],
        );
    }

    #[test]
    fn what_is_no_request_has_no_parameters() {
        for request in
            [json!("text"), json!([1, 2]), json!({"text": "top_p", "stop": [], "temperature": "hot"}), Value::Null]
        {
            check(&request, &expect![""]);
        }
    }
}
