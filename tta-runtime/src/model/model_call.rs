//! A call to a model that is in progress: which one it asks, and what it reported.

use std::borrow::Cow;

use opentelemetry::KeyValue;

use super::nano_usd::NanoUsd;
use super::usage::Usage;

/// A model and who provides it, under the names that metrics and prices use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModelName {
    pub(crate) provider: Cow<'static, str>,
    pub(crate) model: Cow<'static, str>,
}

/// A call to a model that is in progress.
#[derive(Debug)]
pub(crate) struct ModelCall {
    pub(crate) name: ModelName,
    pub(crate) tier: Option<Cow<'static, str>>,
    /// What the call has reported so far, and what that cost.
    pub(crate) reported: Vec<Usage>,
    pub(crate) cost: Option<NanoUsd>,
}

impl ModelCall {
    pub(crate) fn new(name: ModelName, tier: Option<Cow<'static, str>>) -> Self {
        Self { name, tier, reported: Vec::new(), cost: None }
    }

    /// Returns what the span is to say from the start.
    pub(crate) fn request_attributes(&self, operation: &'static str) -> Vec<KeyValue> {
        let ModelName { provider, model } = &self.name;
        let mut attributes = vec![
            KeyValue::new("gen_ai.operation.name", operation),
            KeyValue::new("gen_ai.provider.name", provider.clone()),
            KeyValue::new("gen_ai.request.model", model.clone()),
            KeyValue::new("llm.provider", provider.clone()),
            KeyValue::new("llm.model_name", model.clone()),
        ];
        attributes.extend(self.tier.clone().map(|tier| KeyValue::new("llm.model_tier", tier)));
        attributes
    }
}

/// Returns the conventions' name of what a model call does.
pub(crate) fn operation(primitive_type: &str, action: &str) -> &'static str {
    match (primitive_type, action) {
        ("embedding", _) => "embeddings",
        (_, "generate") => "generate_content",
        (_, "complete") => "text_completion",
        _ => "chat",
    }
}
