//! Values that serialise as a provider's body: the usage in them, and whether they are content of a stream.

mod content;
mod picker;

use std::error::Error;

use serde::Serialize;
use serde_json::{Map, Value, json};

pub(crate) use self::content::is_content;
pub(crate) use self::picker::pick;
use super::response::is_key_of_usage;
use super::usage::Usage;

impl Usage {
    /// Reads the usage in a value that serialises as a provider's response, as an event of a streamed response, or as the
    /// usage object alone. Returns `None` if it reports no tokens.
    ///
    /// The types of clients for a provider's API serialise so. Texts and other parts without usage are not copied, so that an
    /// event of a stream costs little. For `provider` and the counts, see [`from_response`](Self::from_response).
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Chunk {
    ///     model: &'static str,
    ///     choices: Vec<String>,
    ///     usage: Tokens,
    /// }
    ///
    /// #[derive(serde::Serialize)]
    /// struct Tokens {
    ///     prompt_tokens: u32,
    ///     completion_tokens: u32,
    /// }
    ///
    /// let tokens = Tokens { prompt_tokens: 12, completion_tokens: 3 };
    /// assert_eq!(Usage::in_body("openai", &tokens), Some(Usage::new(12, 3)));
    ///
    /// let chunk = Chunk { model: "gpt-4o-mini", choices: vec![], usage: tokens };
    /// assert_eq!(Usage::in_body("openai", &chunk), Some(Usage::new(12, 3).with_response_model("gpt-4o-mini")));
    /// ```
    #[must_use]
    pub fn in_body<T: Serialize + ?Sized>(provider: &str, body: &T) -> Option<Self> {
        let mut picked = pick(body, &|key| is_key_of_usage(key) || [CACHED, CAPTURED].contains(&key));
        each_object(&mut picked, &mut |fields| {
            name_cached(fields);
            if let Some(captured) = fields.remove(CAPTURED) {
                fields.entry("usage").or_insert(captured);
            }
        });
        Self::from_response(provider, &picked).or_else(|| match picked {
            Value::Object(_) => Self::from_response(provider, &json!({ "usage": picked })),
            _ => None,
        })
    }
}

/// The usage in the last event of the crate `genai`.
const CAPTURED: &str = "captured_usage";

/// The counts of the cache in the usage of the crate `rig`.
const CACHED: &str = "cached_input_tokens";
const WRITTEN: &str = "cache_creation_input_tokens";

/// Gives the counts of the crate `rig`, whose input includes those of the cache, the names that OpenAI has for these.
///
/// One of the names is Anthropic's, whose input excludes them; but Anthropic reports no total.
fn name_cached(usage: &mut Map<String, Value>) {
    let count = |usage: &Map<String, Value>, key: &str| usage.get(key).and_then(Value::as_u64);
    let counts = count(usage, "input_tokens").zip(count(usage, "output_tokens"));
    let sum = counts.map(|(input, output)| input.saturating_add(output));
    if sum.is_none() || count(usage, "total_tokens") != sum {
        return;
    }
    let (cached, written) = (usage.remove(CACHED), usage.remove(WRITTEN));
    if cached.is_some() || written.is_some() {
        usage
            .entry("input_tokens_details")
            .or_insert(json!({ "cached_tokens": cached, "cache_write_tokens": written }));
    }
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            change(fields);
            fields.values_mut().for_each(|field| each_object(field, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, change)),
        _ => {}
    }
}

/// Returns a function for the key `usage`, which reads the usage in an output that serialises as a provider's response, or in
/// the items of a stream that serialise as its events.
///
/// See [`Usage::in_body`], which it calls. A `Result` has the usage of its `Ok` value.
///
/// ```
/// use serde_json::{Value, json};
/// use tta_runtime::{llm, primitive};
///
/// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = llm::in_body("openai"))]
/// fn ask() -> Value {
///     json!({ "usage": { "prompt_tokens": 12, "completion_tokens": 3 } })
/// }
///
/// ask();
/// assert_eq!(tta_runtime::stats().models[0].tokens["input"], 12);
/// ```
pub fn in_body<T: Body<K> + ?Sized, K>(provider: impl Into<String>) -> impl Fn(&T) -> Option<Usage> {
    let provider = provider.into();
    move |output| output.usage_in(&provider)
}

/// An output in which [`in_body`] reads a usage: one that serialises, or a `Result` of one.
///
/// The second parameter tells the two apart: a `Result` serialises by itself if its error does, such as `()` or a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serialise, so `in_body` cannot read a usage in it",
    label = "does not implement `serde::Serialize`",
    note = "write `usage = |output| tta_runtime::llm::Usage::in_body(\"openai\", &output.usage)` for a part of it that does, or `usage = |output| …`"
)]
pub trait Body<K> {
    /// Returns the usage in the output.
    fn usage_in(&self, provider: &str) -> Option<Usage>;
}

/// Marks a value that serialises.
#[derive(Debug)]
pub enum Plain {}

/// Marks a `Result` of a value that serialises.
#[derive(Debug)]
pub enum Fallible {}

impl<T: Serialize + ?Sized> Body<Plain> for T {
    fn usage_in(&self, provider: &str) -> Option<Usage> {
        Usage::in_body(provider, self)
    }
}

impl<T: Serialize, E: Error> Body<Fallible> for Result<T, E> {
    fn usage_in(&self, provider: &str) -> Option<Usage> {
        Usage::in_body(provider, self.as_ref().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Usage, is_content};

    #[test]
    fn numbers_may_stand_beside_a_body() {
        let body = || json!({ "model": "m", "usage": { "prompt_tokens": 12, "completion_tokens": 3 } });
        let tokens = |usage: Option<Usage>| usage.map(|usage| (usage.input_tokens, usage.output_tokens));
        assert_eq!(tokens(Usage::in_body("openai", &(200_u16, body()))), Some((12, 3)));
        assert_eq!(tokens(Usage::in_body("openai", &(0_usize, 0.25, body()))), Some((12, 3)));
    }

    #[test]
    fn the_usage_is_that_of_the_whole_body() {
        let bodies = [
            (
                "openai",
                json!({ "id": "x", "choices": [{ "message": { "content": "text" }, "finish_reason": "stop" }], "usage": { "prompt_tokens": 12, "completion_tokens": 3, "completion_tokens_details": { "reasoning_tokens": 1 } } }),
            ),
            (
                "openai",
                json!({ "type": "response.completed", "response": { "id": "r", "model": "gpt-5", "output": [{ "type": "web_search_call", "action": { "type": "search" } }, { "type": "message", "content": [] }], "usage": { "input_tokens": 7, "input_tokens_details": { "cached_tokens": 2 }, "output_tokens": 3 } } }),
            ),
            (
                "anthropic",
                json!({ "type": "message_start", "message": { "id": "m", "model": "claude", "usage": { "input_tokens": 25, "cache_read_input_tokens": 4, "output_tokens": 1 } } }),
            ),
            (
                "google",
                json!({ "candidates": [{ "finishReason": "STOP", "content": { "parts": [{ "text": "x" }] } }], "usageMetadata": { "promptTokenCount": 4, "candidatesTokenCount": 5, "promptTokensDetails": [{ "modality": "AUDIO", "tokenCount": 2 }] } }),
            ),
            ("bedrock", json!({ "metadata": { "usage": { "inputTokens": 4, "outputTokens": 5 } } })),
            (
                "cohere",
                json!({ "type": "message-end", "delta": { "finish_reason": "COMPLETE", "usage": { "billed_units": { "input_tokens": 4, "output_tokens": 5 } } } }),
            ),
            (
                "ollama",
                json!({ "model": "llama", "message": { "content": "x" }, "done": true, "prompt_eval_count": 4, "eval_count": 5 }),
            ),
        ];
        for (provider, body) in bodies {
            let whole = Usage::from_response(provider, &body);
            assert!(whole.is_some(), "{body}");
            assert_eq!(Usage::in_body(provider, &body), whole, "{body}");
        }
        assert_eq!(
            Usage::in_body("openai", &json!({ "choices": [{ "delta": { "content": "x" } }], "usage": null })),
            None
        );
        assert_eq!(Usage::in_body("openai", "text"), None);
    }

    #[test]
    fn the_cache_is_part_of_the_input_where_the_total_says_so() {
        let rig = json!({ "input_tokens": 100, "output_tokens": 10, "total_tokens": 110, "cached_input_tokens": 60, "cache_creation_input_tokens": 20 });
        let expected = Usage::new(100, 10).with_cached_input_tokens(60).with_cache_write_5m_tokens(20);
        assert_eq!(Usage::in_body("anthropic", &rig), Some(expected.clone()));
        assert_eq!(Usage::in_body("anthropic", &json!({ "usage": rig })), Some(expected));
        let own = json!({ "input_tokens": 20, "output_tokens": 10, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 20 });
        let expected = Usage::new(100, 10).with_cached_input_tokens(60).with_cache_write_5m_tokens(20);
        assert_eq!(Usage::in_body("anthropic", &own), Some(expected));
    }

    /// Texts that carry no usage are not even read.
    #[test]
    fn content_is_not_serialised() {
        struct Text;
        impl serde::Serialize for Text {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("the text is read")
            }
        }
        #[derive(serde::Serialize)]
        struct Body {
            choices: Vec<Choice>,
            usage: Value,
        }
        #[derive(serde::Serialize)]
        struct Choice {
            delta: Delta,
        }
        #[derive(serde::Serialize)]
        struct Delta {
            content: Text,
        }
        let usage = json!({ "prompt_tokens": 12, "completion_tokens": 3 });
        let body = Body { choices: vec![Choice { delta: Delta { content: Text } }], usage };
        assert_eq!(Usage::in_body("openai", &body), Some(Usage::new(12, 3)));
    }

    #[test]
    fn of_a_vector_one_number_is_serialised() {
        struct Number(bool);
        impl serde::Serialize for Number {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                assert!(self.0, "the vector is read");
                serializer.serialize_f32(0.25)
            }
        }
        #[derive(serde::Serialize)]
        struct Body {
            embeddings: Vec<Vec<Number>>,
            prompt_eval_count: u32,
        }
        let vector = || vec![Number(true), Number(false), Number(false)];
        let body = Body { embeddings: vec![vector(), vector()], prompt_eval_count: 8 };
        assert_eq!(Usage::in_body("ollama", &body), Some(Usage::new(8, 0)));
    }

    #[test]
    fn an_event_is_content_if_it_has_some() {
        let content = [
            json!({ "choices": [{ "index": 0, "delta": { "content": "x" }, "finish_reason": null }] }),
            json!({ "choices": [{ "index": 0, "delta": { "role": "assistant", "tool_calls": [{ "index": 0, "id": "c", "type": "function", "function": { "name": "f", "arguments": "" } }] } }] }),
            json!({ "choices": [{ "index": 0, "delta": { "reasoning_content": "x" } }] }),
            json!({ "choices": [{ "text": "x", "index": 0 }] }),
            json!({ "type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "delta": "x", "sequence_number": 4 }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "x" } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "thinking_delta", "thinking": "x" } }),
            json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "tool_use", "id": "t", "name": "f", "input": {} } }),
            json!({ "candidates": [{ "content": { "parts": [{ "text": "x" }], "role": "model" } }], "usageMetadata": { "promptTokenCount": 4 } }),
            json!({ "candidates": [{ "content": { "parts": [{ "functionCall": { "name": "f", "args": {} } }] } }] }),
            json!({ "contentBlockDelta": { "delta": { "text": "x" }, "contentBlockIndex": 0 } }),
            json!({ "type": "content-delta", "index": 0, "delta": { "message": { "content": { "text": "x" } } } }),
            json!({ "event_type": "text-generation", "text": "x", "is_finished": false }),
            json!({ "model": "llama", "created_at": "now", "message": { "role": "assistant", "content": "x" }, "done": false }),
            json!({ "model": "llama", "response": "x", "done": false }),
            json!("x"),
            json!({ "token": 15 }),
            json!({ "item": "event", "value": { "event": "text", "part": 0, "text": "x" } }),
        ];
        for event in content {
            assert!(is_content(&event), "{event}");
        }
        let others = [
            json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "system_fingerprint": "f", "service_tier": "default", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "", "refusal": null }, "logprobs": null, "finish_reason": null }], "usage": null, "obfuscation": "k" }),
            json!({ "id": "c", "choices": [], "usage": { "prompt_tokens": 12, "completion_tokens": 3 } }),
            json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }),
            json!({ "choices": [], "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": { "hate": { "filtered": false } } }] }),
            json!({ "type": "response.created", "sequence_number": 0, "response": { "id": "r", "status": "in_progress", "instructions": "You are …", "output": [] } }),
            json!({ "type": "response.in_progress", "response": { "id": "r", "tools": [{ "name": "f" }] } }),
            json!({ "type": "response.output_item.added", "output_index": 0, "sequence_number": 2, "item": { "id": "m", "type": "message", "status": "in_progress", "content": [], "role": "assistant" } }),
            json!({ "type": "response.content_part.added", "item_id": "m", "output_index": 0, "content_index": 0, "part": { "type": "output_text", "text": "", "annotations": [] } }),
            json!({ "type": "message_start", "message": { "id": "m", "type": "message", "role": "assistant", "content": [], "model": "c", "stop_reason": null, "usage": { "input_tokens": 25 } } }),
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
            json!({ "type": "ping" }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": 15 } }),
            json!({ "type": "message_stop" }),
            json!({ "usageMetadata": { "promptTokenCount": 4 }, "modelVersion": "g", "responseId": "r" }),
            json!({ "candidates": [{ "content": { "parts": [{ "text": "" }], "role": "model" }, "finishReason": "STOP", "index": 0 }] }),
            json!({ "messageStart": { "role": "assistant" } }),
            json!({ "contentBlockStop": { "contentBlockIndex": 0 } }),
            json!({ "messageStop": { "stopReason": "end_turn" } }),
            json!({ "metadata": { "usage": { "inputTokens": 4 }, "metrics": { "latencyMs": 551 } } }),
            json!({ "type": "message-start", "id": "m", "delta": { "message": { "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [] } } }),
            json!({ "type": "content-start", "index": 0, "delta": { "message": { "content": { "type": "text", "text": "" } } } }),
            json!({ "type": "message-end", "delta": { "finish_reason": "COMPLETE", "usage": { "tokens": { "input_tokens": 4 } } } }),
            json!({ "event_type": "stream-start", "generation_id": "g", "is_finished": false }),
            json!({ "model": "llama", "created_at": "now", "message": { "role": "assistant", "content": "" }, "done": false }),
            json!({ "model": "llama", "response": "", "done": true, "done_reason": "stop", "total_duration": 5, "context": [1, 2], "eval_count": 5 }),
            json!({ "item": "event", "value": { "event": "start", "part": 0, "kind": "text" } }),
            json!(""),
            json!(null),
        ];
        for event in others {
            assert!(!is_content(&event), "{event}");
        }
    }

    #[test]
    fn an_event_of_an_enum_is_content_by_its_variant() {
        #[derive(serde::Serialize)]
        enum Event {
            Start,
            Started { id: u8 },
            Chunk(Chunk),
            End(Chunk),
        }
        #[derive(serde::Serialize)]
        struct Chunk {
            content: &'static str,
        }
        let events = [
            Event::Start,
            Event::Started { id: 1 },
            Event::Chunk(Chunk { content: "" }),
            Event::End(Chunk { content: "x" }),
        ];
        assert_eq!(events.map(|event| is_content(&event)), [false; 4]);
        assert!(is_content(&Event::Chunk(Chunk { content: "x" })));
    }
}
