//! What tokens cost.

use std::sync::OnceLock;

use genai_prices::{Calculator, PriceRequest, Usage as PricedUsage, UsageKey};

use super::nano_usd::NanoUsd;
use super::usage::Usage;

static CALCULATOR: OnceLock<&'static Calculator> = OnceLock::new();

/// Decodes the bundled prices, which takes some 50 ms, on a thread of its own.
pub(crate) fn prepare() {
    let decode = || {
        CALCULATOR.get_or_init(Calculator::bundled);
    };
    let spawned = std::thread::Builder::new().name("tta-prices".into()).spawn(decode);
    if spawned.is_err() {
        // Without a thread the first priced call decodes them itself.
        tracing::debug!(target: "tta::telemetry", "no thread to decode prices on");
    }
}

/// Returns what the tokens cost at today's price, rounded once to whole nano-dollars; `None` where the price of the
/// model is not known.
pub(crate) fn price(provider: &str, model: &str, usage: &Usage) -> Option<NanoUsd> {
    let calculator = CALCULATOR.get_or_init(Calculator::bundled);
    let mut priced = PricedUsage::new();
    priced.insert(UsageKey::INPUT_TOKENS, usage.input_tokens as f64);
    priced.insert(UsageKey::OUTPUT_TOKENS, usage.output_tokens as f64);
    if usage.cached_input_tokens > 0 {
        priced.insert(UsageKey::CACHE_READ_TOKENS, usage.cached_input_tokens as f64);
    }
    if usage.cache_write_tokens() > 0 {
        priced.insert(UsageKey::CACHE_WRITE_TOKENS, usage.cache_write_tokens() as f64);
    }
    let request = PriceRequest::new(model, &priced).with_provider_id(provider);
    let usd = calculator.calculate(&request).ok()?.total_price;
    (usd.is_finite() && usd >= 0.0).then(|| NanoUsd((usd * 1e9).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::{NanoUsd, price};
    use crate::model::Usage;

    #[test]
    fn known_prices() {
        let cached = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
        assert_eq!(price("openai", "gpt-4o", &cached), Some(NanoUsd(4_000_000)));
        let written = Usage { cached_input_tokens: 400, cache_write_5m_tokens: 100, ..Usage::new(1_000, 200) };
        assert_eq!(price("anthropic", "claude-sonnet-4-5", &written), Some(NanoUsd(4_995_000)));
    }

    #[test]
    fn an_unknown_model_has_no_price() {
        assert_eq!(price("openai", "no-such-model", &Usage::new(1, 1)), None);
    }
}
