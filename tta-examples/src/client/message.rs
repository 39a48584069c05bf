//! Prompts and answers.

use tta_runtime::llm::{HasUsage, Usage};

/// A prompt for a model.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// The system message; many prompts share it, so that a service can cache it.
    pub(crate) instruction: String,
    /// The user message.
    pub(crate) text: String,
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) usage: Option<Usage>,
}

impl HasUsage for Completion {
    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }
}

/// A chunk of a streamed answer; the last one has the usage and no text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chunk {
    pub(crate) text: String,
    pub(crate) usage: Option<Usage>,
}

impl HasUsage for Chunk {
    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }
}
