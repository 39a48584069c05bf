//! What tokens would cost, for a program that asks.

use std::borrow::Cow;

use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::usage::Usage;

/// Returns what a usage costs at the prices in force: those of the price file, and behind them the bundled ones.
/// `None` where the model has no price.
///
/// A cost that the usage itself reports wins, as it does where calls are counted. The first caller in a process that
/// was not started waits some 50 ms, until the prices are decoded.
///
/// ```
/// use tta_runtime::llm::{self, NanoUsd, Usage};
///
/// let usage = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
/// assert_eq!(llm::price("openai", "gpt-4o", &usage), Some(NanoUsd(4_000_000)));
/// assert_eq!(llm::price("openai", "no-such-model", &usage), None);
/// ```
#[must_use]
pub fn price(provider: &str, model: &str, usage: &Usage) -> Option<NanoUsd> {
    DECODING.wait().cost(&ModelName::new(provider, model), usage)
}

impl ModelName {
    /// Makes a name of texts that are not kept.
    pub(crate) fn new(provider: &str, model: &str) -> Self {
        Self { provider: Cow::Owned(provider.to_owned()), model: Cow::Owned(model.to_owned()) }
    }
}
