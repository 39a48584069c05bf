//! The prices that come with the library, of the crate `genai-prices`.

use genai_prices::{Calculator, PriceCalculation, PriceRequest, Usage as Reported, UsageKey};

use super::rate::{Amount, Rate};
use super::service_tier::ServiceTier;
use super::usage::{TokenKind, Usage};

/// Asks for the prices of one model, as the usage at hand has them: tier by tier, and by the length of the input.
///
/// The crate calculates in binary numbers, whose sum may round to another nano-dollar than the exact one. So it is
/// asked for the price of one kind of token at a time, which gives the decimal price back, and the sum is made here.
struct Asking<'a> {
    calculator: &'a Calculator,
    provider: &'a str,
    model: &'a str,
    tier: Option<ServiceTier>,
    input_tokens: u64,
}

/// Returns what the tokens cost at today's prices; `None` where the model, or what it does with tokens, has no price.
pub(super) fn amount(calculator: &Calculator, provider: &str, model: &str, usage: &Usage) -> Option<Amount> {
    let Usage { service_tier: tier, input_tokens, .. } = *usage;
    let asking = Asking { calculator, provider, model, tier, input_tokens };
    let per_request = Rate::from_usd(asking.calculate(&Reported::new())?.total_price)?;
    let mut amounts = vec![per_request.times(1)];
    for (kind, n) in TokenKind::ALL.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0) {
        let rate = asking.rate(kind)?;
        if rate == Rate::default() && !asking.has_price(kind) {
            return None;
        }
        amounts.push(rate.times(n));
    }
    Some(amounts.into_iter().sum())
}

/// Returns how many tokens a model can read and write together, where that is known.
pub(super) fn context_window(calculator: &Calculator, provider: &str, model: &str) -> Option<u64> {
    let asking = Asking { calculator, provider, model, tier: None, input_tokens: 0 };
    let found = asking.calculate(&Reported::new())?;
    let provider = calculator.providers().find(|provider| provider.id() == found.provider_id)?;
    // Of a model that another provider defines, the window is not known here.
    provider.models().find(|model| model.id() == found.model_id)?.context_window()
}

/// How many tokens of output are priced at once, so that the price is the one per million.
const MILLION: u64 = 1_000_000;

impl Asking<'_> {
    /// Returns what one token of a kind costs.
    fn rate(&self, kind: TokenKind) -> Option<Rate> {
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
        // As much input as there is, since prices may rise with its length.
        let mut reported = Reported::from([(UsageKey::INPUT_TOKENS, self.input_tokens as f64)]);
        let n = if is_input { self.input_tokens } else { MILLION };
        reported.extend(keys.iter().map(|key| (key.clone(), n as f64)));
        let calculated = self.calculate(&reported)?;
        let price = if is_input { calculated.input_price } else { calculated.output_price };
        Rate::from_usd(price / n as f64)
    }

    /// Returns whether tokens of this direction have a price, be it 0: then a part without its whole is refused.
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
