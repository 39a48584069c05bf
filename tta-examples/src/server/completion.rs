//! A finished answer in the format of the real service.

use serde_json::{Value, json};

use crate::server::protocol::Message;
use crate::tokens::{Token, tokens};

/// A finished answer with its usage.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) id: String,
    pub(crate) model: &'static str,
    pub(crate) content: String,
    pub(crate) finish_reason: &'static str,
    pub(super) prompt_tokens: usize,
    pub(super) cached_tokens: usize,
    pub(super) answer_tokens: usize,
}

impl Completion {
    pub(crate) fn usage(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.answer_tokens,
            "total_tokens": self.prompt_tokens + self.answer_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        })
    }

    pub(super) fn body(&self) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": created(),
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": self.content},
                "finish_reason": self.finish_reason,
            }],
            "usage": self.usage(),
        })
    }
}

/// Returns the seconds since 1970.
pub(crate) fn created() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs())
}

/// Returns the tokens of a message that the service bills: its role and its text.
pub(super) fn prompt_tokens(message: &Message) -> Vec<Token> {
    tokens(&format!("{:?}\n{}", message.role, message.content))
}
