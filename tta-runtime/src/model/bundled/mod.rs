//! The bundled prices, from the crate `genai-prices`.

use genai_prices::{Calculator, PriceCalculation, PriceRequest, Usage as Reported, UsageKey};

use super::service_tier::ServiceTier;
use super::unit_price::{Amount, UnitPrice};
use super::usage::{TokenKind, Usage};

/// A query for the prices of one model, at the service tier and the input length of a usage.
///
/// The crate calculates in floats, whose sum may round to another nano-dollar than the exact sum. The query therefore asks
/// for one kind of token at a time, recovers its decimal price, and leaves the exact sum to the caller.
struct PriceQuery<'a> {
    calculator: &'a Calculator,
    provider: &'a str,
    model: &'a str,
    tier: Option<ServiceTier>,
    input_tokens: u64,
}

/// Returns the price of the tokens today; `None` if the model, or one of the kinds of token, has no price.
pub(super) fn amount(calculator: &Calculator, provider: &str, model: &str, usage: &Usage) -> Option<Amount> {
    let Usage { service_tier: tier, input_tokens, .. } = *usage;
    let query = PriceQuery { calculator, provider, model, tier, input_tokens };
    let per_request = UnitPrice::from_usd(query.calculate(&Reported::new())?.total_price)?;
    let mut amounts = vec![per_request.times(1)];
    for (kind, n) in TokenKind::ALL.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0) {
        let unit_price = query.unit_price(kind)?;
        if unit_price == UnitPrice::default() && !query.has_price(kind) {
            return None;
        }
        amounts.push(unit_price.times(n));
    }
    Some(amounts.into_iter().sum())
}

/// Returns the context window of a model, in tokens of input and output together; `None` if it is not known.
pub(super) fn context_window(calculator: &Calculator, provider: &str, model: &str) -> Option<u64> {
    let query = PriceQuery { calculator, provider, model, tier: None, input_tokens: 0 };
    let found = query.calculate(&Reported::new())?;
    let provider = calculator.providers().find(|provider| provider.id() == found.provider_id)?;
    // The data has no window for a model that another provider defines.
    provider.models().find(|model| model.id() == found.model_id)?.context_window()
}

/// The number of output tokens in a query, so that the result is the price per million.
const MILLION: u64 = 1_000_000;

impl PriceQuery<'_> {
    /// Returns the price of one token of a kind.
    fn unit_price(&self, kind: TokenKind) -> Option<UnitPrice> {
        let (keys, is_input): (&[UsageKey], bool) = match kind {
            TokenKind::Input => (&[], true),
            TokenKind::CachedInput => (&[UsageKey::CACHE_READ_TOKENS], true),
            TokenKind::CacheWrite5m => (&[UsageKey::CACHE_WRITE_TOKENS, UsageKey::CACHE_WRITE_5M_TOKENS], true),
            TokenKind::CacheWrite1h => (&[UsageKey::CACHE_WRITE_TOKENS, UsageKey::CACHE_WRITE_1H_TOKENS], true),
            TokenKind::AudioInput => (&[UsageKey::INPUT_AUDIO_TOKENS], true),
            TokenKind::Output => (&[UsageKey::OUTPUT_TOKENS], false),
            TokenKind::Reasoning => (&[UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_REASONING_TOKENS], false),
            TokenKind::AudioOutput => (&[UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_AUDIO_TOKENS], false),
        };
        // Query with the actual input length: prices may depend on it.
        let mut reported = Reported::from([(UsageKey::INPUT_TOKENS, self.input_tokens as f64)]);
        let n = if is_input { self.input_tokens } else { MILLION };
        reported.extend(keys.iter().map(|key| (key.clone(), n as f64)));
        let calculated = self.calculate(&reported)?;
        let price = if is_input { calculated.input_price } else { calculated.output_price };
        UnitPrice::from_usd(price / n as f64)
    }

    /// Returns whether tokens of this direction have a price, including 0. The crate then rejects a part without its whole,
    /// which tells a price of 0 from no price.
    fn has_price(&self, kind: TokenKind) -> bool {
        let part = match kind {
            TokenKind::Output | TokenKind::Reasoning | TokenKind::AudioOutput => UsageKey::OUTPUT_REASONING_TOKENS,
            _ => UsageKey::CACHE_READ_TOKENS,
        };
        self.calculate(&Reported::from([(part, 1.0)])).is_none()
    }

    fn calculate(&self, reported: &Reported) -> Option<PriceCalculation> {
        let request = PriceRequest::new(self.model, reported).with_provider_id(self.provider);
        let request = match self.tier {
            None | Some(ServiceTier::Standard) => request,
            Some(ServiceTier::Batch) => request.with_price_context("processing", "batch"),
            Some(ServiceTier::Flex) => request.with_price_context("service_tier", "flex"),
            Some(ServiceTier::Priority) => request.with_price_context("service_tier", "priority"),
            Some(ServiceTier::Fast) => request.with_price_context("service_tier", "fast"),
        };
        self.calculator.calculate(&request).ok()
    }
}

#[cfg(test)]
mod tests;
