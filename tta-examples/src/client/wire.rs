//! The JSON of requests and answers.

use serde::Deserialize;
use serde_json::{Value, json};
use tta_runtime::llm::Usage;

use crate::client::error::ChatError;
use crate::client::message::{Chunk, Prompt};

pub(super) fn body(model: &str, prompt: &Prompt) -> Value {
    json!({
        "model": model,
        "messages": [
            {"role": "system", "content": prompt.instruction},
            {"role": "user", "content": prompt.text},
        ],
        "temperature": 0,
    })
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, ChatError> {
    serde_json::from_slice(bytes).map_err(|source| ChatError::malformed(bytes, source))
}

#[derive(Deserialize)]
pub(super) struct Answer {
    id: String,
    model: String,
    choices: [Choice; 1],
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct Choice {
    message: WireText,
    finish_reason: Option<String>,
}

/// A chunk of a stream. The chunk with the finish reason has a choice without text, and the one with the usage has no choice.
#[derive(Deserialize)]
pub(super) struct Delta {
    id: String,
    model: String,
    choices: Vec<DeltaChoice>,
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct DeltaChoice {
    delta: WireText,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct WireText {
    content: Option<String>,
}

#[derive(Deserialize)]
struct WireUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        self.choices[0].message.content.clone().unwrap_or_default()
    }

    pub(super) fn usage(self) -> Option<Usage> {
        let [choice] = self.choices;
        self.usage.map(|usage| usage.usage(self.id, self.model, choice.finish_reason.into_iter().collect()))
    }
}

impl Delta {
    /// Returns the chunk. `finish_reasons` has those of earlier chunks, and gets those of this one.
    pub(super) fn chunk(self, finish_reasons: &mut Vec<String>) -> Chunk {
        let mut text = String::new();
        for choice in self.choices {
            text.extend(choice.delta.content);
            finish_reasons.extend(choice.finish_reason);
        }
        let usage = self.usage.map(|usage| usage.usage(self.id, self.model, finish_reasons.clone()));
        Chunk { text, usage }
    }
}

impl WireUsage {
    fn usage(self, id: String, model: String, finish_reasons: Vec<String>) -> Usage {
        let cached = self.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0);
        let reasoning = self.completion_tokens_details.and_then(|details| details.reasoning_tokens).unwrap_or(0);
        Usage::new(self.prompt_tokens, self.completion_tokens)
            .with_cached_input_tokens(cached)
            .with_reasoning_tokens(reasoning)
            .with_response_model(model)
            .with_response_id(id)
            .with_finish_reasons(finish_reasons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_keeps_its_parts() {
        let body =
            br#"{"id": "x", "model": "o4-mini", "choices": [{"message": {"content": "Oil."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1500, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 1024},
                      "completion_tokens_details": {"reasoning_tokens": 32}}}"#;
        let expected = Usage::new(1_500, 40)
            .with_cached_input_tokens(1_024)
            .with_reasoning_tokens(32)
            .with_response_model("o4-mini")
            .with_response_id("x")
            .with_finish_reasons(["stop"]);
        assert_eq!(parse::<Answer>(body).expect("an answer").usage(), Some(expected));
    }

    #[test]
    fn a_service_may_leave_usage_and_its_details_out() {
        let body = |usage: &str| format!(r#"{{"id": "x", "model": "m", "choices": [], "usage": {usage}}}"#);
        let usage = |text: &str| parse::<Delta>(body(text).as_bytes()).expect("a delta").chunk(&mut Vec::new()).usage;
        assert_eq!(usage("null"), None);
        let counts = usage(r#"{"prompt_tokens": 3, "completion_tokens": 2}"#).expect("usage");
        assert_eq!((counts.input_tokens, counts.output_tokens, counts.cached_input_tokens), (3, 2, 0));
    }
}
