//! The bundled prices, from the crate `genai-prices`.

mod plain_prices;

use genai_prices::{Calculator, PriceCalculation, PriceRequest, Usage as Reported, UsageKey};

use self::plain_prices::PlainPrices;
pub(super) use self::plain_prices::Remembered;
use super::candidates::Candidate;
use super::price_basis::{PriceBasis, Priced, region_factor};
use super::quantity::Quantity;
use super::service_tier::ServiceTier;
use super::token_kind::TokenKind;
use super::unit_price::{Amount, UnitPrice};
use super::usage::Usage;

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

/// Returns the price of a usage today; `None` if the model, or one of the kinds of token, has no price.
pub(super) fn price(calculator: &Calculator, candidate: &Candidate, usage: &Usage) -> Option<Priced> {
    let (provider, model) = (id(candidate), &candidate.model);
    let Usage { service_tier: tier, input_tokens, .. } = *usage;
    let query = PriceQuery { calculator, provider, model, tier, input_tokens };
    let mut basis = PriceBasis::Priced;
    let plain = candidate.remembered.prices(&query)?;
    let per_request = plain.per_request;
    let mut tokens = query.tokens(usage, &plain)?;
    let at_list_price = || {
        let query = query.at_list_price();
        query.tokens(usage, &query.plain()?)
    };
    if query.has_tier() && tokens > Amount::ZERO && at_list_price() == Some(tokens) {
        basis = PriceBasis::PartlyPricedTier;
    }
    let kinds = || TokenKind::ALL.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0);
    if let Some(region) = &usage.inference_geo {
        match region_factor(region) {
            Some(thousandths) => tokens = tokens.thousandths(thousandths),
            None => basis = basis.max(PriceBasis::PartlyPricedTier),
        }
    }
    // Models that only draw have one price for what they return: that of images.
    let has_price = |kind| {
        query.has_own_price(kind) || (kind == TokenKind::ImageOutput && query.has_own_price(TokenKind::ImageInput))
    };
    if kinds().any(|(kind, _)| kind.is_dearer_than_text() && !has_price(kind)) {
        basis = basis.max(PriceBasis::PartlyPricedModality);
    }
    let mut amount: Amount = [per_request.times(1), tokens].into_iter().sum();
    for (quantity, n) in Quantity::ALL.into_iter().zip(usage.quantities()).filter(|(_, n)| *n > 0) {
        match query.quantity(quantity, n, per_request) {
            Some(of_quantity) => amount = [amount, of_quantity].into_iter().sum(),
            // A price per request includes the tools.
            None if quantity.is_tool() && per_request > UnitPrice::default() => {}
            None if quantity.is_tool() => basis = basis.max(PriceBasis::PartlyPricedTool),
            None if usage.total_tokens() == 0 => return None,
            None => basis = basis.max(PriceBasis::PartlyPricedModality),
        }
    }
    Some(Priced { amount, basis })
}

/// Returns the context window of a model, in tokens of input and output together; `None` if it is not known.
pub(super) fn context_window(calculator: &Calculator, candidate: &Candidate) -> Option<u64> {
    let (provider, model) = (id(candidate), &candidate.model);
    let query = PriceQuery { calculator, provider, model, tier: None, input_tokens: 0 };
    let found = query.calculate(&Reported::new())?;
    let provider = calculator.providers().find(|provider| provider.id() == found.provider_id)?;
    // The data has no window for a model that another provider defines.
    provider.models().find(|model| model.id() == found.model_id)?.context_window()
}

/// Returns the crate's id of a provider; it has rules of its own for names without a row.
fn id(candidate: &Candidate) -> &str {
    match candidate.row {
        Some(row) if !row.bundled.is_empty() => row.bundled,
        Some(_) | None => &candidate.provider,
    }
}

/// The number of output tokens in a query, so that the result is the price per million.
const MILLION: u64 = 1_000_000;

impl PriceQuery<'_> {
    /// Returns whether the request was served in another way than the standard one.
    fn has_tier(&self) -> bool {
        !matches!(self.tier, None | Some(ServiceTier::Standard))
    }

    fn at_list_price(&self) -> Self {
        PriceQuery { tier: None, ..*self }
    }

    /// Returns the prices of calls without parts, from a single calculation.
    fn plain(&self) -> Option<PlainPrices> {
        let reported = [(UsageKey::INPUT_TOKENS, self.input_tokens as f64), (UsageKey::OUTPUT_TOKENS, MILLION as f64)];
        let PriceCalculation { input_price, output_price, total_price, .. } = self.calculate(&reported.into())?;
        let per_request = if total_price == input_price + output_price {
            UnitPrice::default()
        } else {
            UnitPrice::from_usd(self.calculate(&Reported::new())?.total_price)?
        };
        Some(PlainPrices {
            input: UnitPrice::from_usd(input_price / self.input_tokens as f64),
            output: UnitPrice::from_usd(output_price / MILLION as f64),
            per_request,
        })
    }

    /// Returns the price of the tokens; `None` if one of the kinds has no price.
    fn tokens(&self, usage: &Usage, plain: &PlainPrices) -> Option<Amount> {
        let mut sum = Amount::ZERO;
        for (kind, n) in TokenKind::ALL.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0) {
            let unit_price = match kind {
                TokenKind::Input => plain.input?,
                TokenKind::Output => plain.output?,
                _ => self.unit_price(kind)?,
            };
            if unit_price == UnitPrice::default() && !self.has_price(kind) {
                return None;
            }
            sum = [sum, unit_price.times(n)].into_iter().sum();
        }
        Some(sum)
    }

    /// Returns the price of a quantity besides tokens; `None` if it has none.
    fn quantity(&self, quantity: Quantity, n: u64, per_request: UnitPrice) -> Option<Amount> {
        let keys: &[UsageKey] = match quantity {
            Quantity::WebSearches => &[UsageKey::WEB_SEARCHES],
            Quantity::FileSearches => &[UsageKey::STORAGE_SEARCHES],
            Quantity::CodeExecutions => &[UsageKey::CODE_EXECUTIONS],
            Quantity::OtherToolCalls => return None,
            Quantity::RerankSearches => &[UsageKey::RERANK_SEARCHES],
            Quantity::DocumentPages => &[UsageKey::INPUT_DOCUMENT_PAGES],
            Quantity::AnnotatedDocumentPages => {
                &[UsageKey::INPUT_DOCUMENT_PAGES, UsageKey::INPUT_ANNOTATED_DOCUMENT_PAGES]
            }
            Quantity::AudioMilliseconds => &[UsageKey::AUDIO_SECONDS, UsageKey::INPUT_AUDIO_SECONDS],
            Quantity::InputCharacters => &[UsageKey::INPUT_CHARACTERS],
            Quantity::TextMessages => &[UsageKey::INPUT_TEXT_MESSAGES],
        };
        let amount = if quantity == Quantity::AudioMilliseconds { n as f64 / 1e3 } else { n as f64 };
        let calculated = self.calculate(&keys.iter().map(|key| (key.clone(), amount)).collect())?;
        let total = UnitPrice::from_usd(calculated.total_price)?.times(1);
        Some(total.less(per_request.times(1))).filter(|amount| *amount > Amount::ZERO)
    }

    /// Returns whether a kind of token has a price apart from that of the whole that it is a part of. The crate then rejects
    /// a part that is larger than its whole.
    fn has_own_price(&self, kind: TokenKind) -> bool {
        let whole = if kind.is_output() { UsageKey::OUTPUT_TOKENS } else { UsageKey::INPUT_TOKENS };
        let Some(part) = keys(kind).pop() else { return false };
        self.calculate(&Reported::from([(whole, 0.0), (part, 1.0)])).is_none()
    }

    /// Returns the price of one token of a kind.
    fn unit_price(&self, kind: TokenKind) -> Option<UnitPrice> {
        let (keys, is_input) = (keys(kind), !kind.is_output());
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
        let part = if kind.is_output() { UsageKey::OUTPUT_REASONING_TOKENS } else { UsageKey::CACHE_READ_TOKENS };
        self.calculate(&Reported::from([(part, 1.0)])).is_none()
    }

    fn calculate(&self, reported: &Reported) -> Option<PriceCalculation> {
        let request = PriceRequest::new(self.model, reported).with_provider_id(self.provider);
        let request = match self.tier {
            None | Some(ServiceTier::Standard) => request,
            Some(ServiceTier::Batch) => request.with_price_context("processing", "batch"),
            Some(ServiceTier::Flex) => request.with_price_context("service_tier", "flex"),
            Some(ServiceTier::Balanced) => request.with_price_context("service_tier", "balanced"),
            Some(ServiceTier::Priority) => request.with_price_context("service_tier", "priority"),
            Some(ServiceTier::Fast) => request.with_price_context("service_tier", "fast"),
            Some(ServiceTier::Ultrafast) => request.with_price_context("service_tier", "ultrafast"),
        };
        self.calculator.calculate(&request).ok()
    }
}

/// Returns the crate's keys for tokens of a kind, besides the total; the most specific one is the last.
fn keys(kind: TokenKind) -> Vec<UsageKey> {
    match kind {
        TokenKind::Input => Vec::new(),
        TokenKind::CachedInput => vec![UsageKey::CACHE_READ_TOKENS],
        TokenKind::CachedAudio => {
            vec![UsageKey::CACHE_READ_TOKENS, UsageKey::INPUT_AUDIO_TOKENS, UsageKey::CACHE_AUDIO_READ_TOKENS]
        }
        TokenKind::CachedImage => {
            vec![UsageKey::CACHE_READ_TOKENS, UsageKey::INPUT_IMAGE_TOKENS, UsageKey::CACHE_IMAGE_READ_TOKENS]
        }
        TokenKind::CacheWrite5m => vec![UsageKey::CACHE_WRITE_TOKENS, UsageKey::CACHE_WRITE_5M_TOKENS],
        TokenKind::CacheWrite1h => vec![UsageKey::CACHE_WRITE_TOKENS, UsageKey::CACHE_WRITE_1H_TOKENS],
        TokenKind::AudioInput => vec![UsageKey::INPUT_AUDIO_TOKENS],
        TokenKind::ImageInput => vec![UsageKey::INPUT_IMAGE_TOKENS],
        TokenKind::VideoInput => vec![UsageKey::INPUT_VIDEO_TOKENS],
        TokenKind::Output => vec![UsageKey::OUTPUT_TOKENS],
        TokenKind::Reasoning => vec![UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_REASONING_TOKENS],
        TokenKind::AudioOutput => vec![UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_AUDIO_TOKENS],
        TokenKind::ImageOutput => vec![UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_IMAGE_TOKENS],
        TokenKind::VideoOutput => vec![UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_VIDEO_TOKENS],
        TokenKind::Citation => vec![UsageKey::OUTPUT_TOKENS, UsageKey::OUTPUT_CITATION_TOKENS],
    }
}

#[cfg(test)]
mod tests;
