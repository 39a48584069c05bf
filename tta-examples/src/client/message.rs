//! Prompts and answers.

use tta_runtime::llm::{HasUsage, Usage};

/// What a model is asked.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// What it shall do; the same for many prompts, so that a service may cache it.
    pub(crate) instruction: String,
    /// What it shall do it with.
    pub(crate) text: String,
}

/// A whole answer.
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

/// A piece of an answer; the last one carries the usage and no text.
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
