//! Quotes: the price of a usage, for programs.

use std::borrow::Cow;

use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::usage::Usage;

/// Returns the cost of a usage at the prices in force: those of the price file, then the bundled ones. Returns `None` if the
/// model has no price.
///
/// A [cost](Usage::cost) in the usage takes precedence, as for recorded calls. The first call may block for about 50 ms while
/// the bundled prices are decoded, unless the telemetry was started before.
///
/// ```
/// use tta_runtime::llm::{self, NanoUsd, Usage};
///
/// let usage = Usage::new(1_000, 200).with_cached_input_tokens(400);
/// assert_eq!(llm::price("openai", "gpt-4o", &usage), Some(NanoUsd(4_000_000)));
/// assert_eq!(llm::price("openai", "no-such-model", &usage), None);
/// ```
#[must_use]
pub fn price(provider: &str, model: &str, usage: &Usage) -> Option<NanoUsd> {
    DECODING.wait().cost(&ModelName::new(provider, model), usage).map(|cost| cost.nanos)
}

impl ModelName {
    /// Creates a name from borrowed text.
    pub(crate) fn new(provider: &str, model: &str) -> Self {
        Self { provider: Cow::Owned(provider.to_owned()), model: Cow::Owned(model.to_owned()) }
    }
}
