//! Price files, in the format of LiteLLM's `model_prices_and_context_window.json`.

mod error;
mod field;
mod scan;

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

pub use self::error::PricesError;
use self::field::Field;
use self::scan::{Fault, FaultKind};
use super::candidates::{Candidate, name_in_files};
use super::price_basis::{PriceBasis, Priced, region_factor};
use super::quantity::Quantity;
use super::service_tier::ServiceTier;
use super::token_kind::TokenKind;
use super::unit_price::{Amount, UnitPrice};
use super::usage::Usage;

/// The models of a price file that have a price per token.
#[derive(Debug, Default)]
pub(crate) struct PriceFile {
    entries: Vec<ModelPrices>,
    /// Indexes into `entries`, by provider, and by model or key, all in lower case.
    index_by_name: HashMap<String, HashMap<String, usize>>,
}

/// The prices of one model.
#[derive(Debug, Default)]
struct ModelPrices {
    prices: Vec<ConditionalPrice>,
    quantities: Vec<QuantityPrice>,
    per_request: UnitPrice,
    /// The price of tokens in a region or with a speed, in thousandths of their list price.
    factors: Vec<(String, u64)>,
    most_output_tokens: Option<u64>,
    /// True if other prices apply at some times of the day.
    has_off_peak: bool,
}

/// The price of something besides tokens.
#[derive(Clone, Copy, Debug)]
struct QuantityPrice {
    quantity: Quantity,
    units: u64,
    tier: Option<ServiceTier>,
    price: UnitPrice,
}

/// The price of a token under conditions.
#[derive(Clone, Copy, Debug)]
struct ConditionalPrice {
    kind: TokenKind,
    /// Applies if the input is longer than this; 0 always applies.
    above_input_tokens: u64,
    /// Applies to requests of this service tier; `None` applies to all.
    tier: Option<ServiceTier>,
    unit_price: UnitPrice,
}

/// The field of the prices at some times of the day.
const OFF_PEAK: &str = "off_peak_pricing";

/// The field that names the entry whose fields a model shares.
const ALIAS: &str = "alias_of";

/// Returns the fields of a model, and of the one that it is an alias of.
///
/// # Errors
///
/// Returns the reason that the alias is rejected.
fn with_alias(own: &Map<String, Value>, models: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    /// The most aliases of aliases.
    const MOST_STEPS: usize = 8;
    let mut fields = own.clone();
    for _ in 0..MOST_STEPS {
        let Some(alias) = fields.remove(ALIAS) else { return Ok(fields) };
        let original = alias.as_str().and_then(|alias| models.get(alias)).and_then(Value::as_object);
        let original = original.ok_or_else(|| format!("is `{alias}`, which is no model of the file"))?;
        for (name, value) in original {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Err("leads in a circle".into())
}

/// The key of LiteLLM's description of the format, which is no model.
const DESCRIPTION: &str = "sample_spec";

impl PriceFile {
    /// Reads a file; `before` is the number of models in the file that it replaces.
    pub(crate) fn read(path: &Path, before: usize) -> Result<Self, PricesError> {
        let text = std::fs::read(path).map_err(|source| PricesError::Unreadable { path: path.to_owned(), source })?;
        Self::of_text(path, &text, before)
    }

    /// Reads the text of a file; `path` names it in errors.
    pub(crate) fn of_text(path: &Path, text: &[u8], before: usize) -> Result<Self, PricesError> {
        let read = Self::parse(path, text)?;
        if read.models() < before.div_ceil(2) {
            return Err(PricesError::Shrunken { path: path.to_owned(), models: read.models(), before });
        }
        Ok(read)
    }

    fn parse(path: &Path, text: &[u8]) -> Result<Self, PricesError> {
        let malformed = |reason: String| PricesError::Malformed { path: path.to_owned(), reason };
        let text = std::str::from_utf8(text).map_err(|error| malformed(error.to_string()))?;
        let models: Map<String, Value> = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if let Some(Fault { line, key, kind }) = scan::first_fault(text) {
            let path = path.to_owned();
            return Err(match kind {
                FaultKind::DuplicateKey => PricesError::DuplicateKey { path, key, line },
                FaultKind::Underflow(number) => PricesError::Underflow { path, key, line, number },
            });
        }
        let mut file = Self::default();
        for (model, own) in models.iter().filter(|(model, _)| *model != DESCRIPTION) {
            let refused = |field: &str, reason: String| PricesError::Refused {
                path: path.to_owned(),
                model: model.clone(),
                field: field.to_owned(),
                reason,
            };
            let Value::Object(own) = own else {
                return Err(refused("", "is not an object; write its prices in braces".into()));
            };
            let fields = with_alias(own, &models).map_err(|reason| refused(ALIAS, reason))?;
            let mut entry = ModelPrices::read(&fields).map_err(|(field, reason)| refused(&field, reason))?;
            if entry.has_prices() {
                let provider = fields.get("litellm_provider").and_then(Value::as_str).unwrap_or_default();
                if provider == "fireworks_ai" {
                    entry.halve_cached_input();
                }
                file.add(provider, model, entry);
            }
        }
        if file.entries.is_empty() {
            return Err(PricesError::Empty { path: path.to_owned() });
        }
        Ok(file)
    }

    /// Adds a model under its key, and under the part of its key after the provider.
    fn add(&mut self, provider: &str, key: &str, entry: ModelPrices) {
        let (provider, key) = (name_in_files(provider), key.to_lowercase());
        let index = self.entries.len();
        self.entries.push(entry);
        if let Some((prefix, model)) = key.split_once('/') {
            let prefixed = name_in_files(prefix);
            if provider.is_empty() || prefixed == provider {
                // A key without a provider takes precedence, wherever it stands in the file.
                self.index_by_name.entry(prefixed).or_default().entry(model.to_owned()).or_insert(index);
            }
        }
        self.index_by_name.entry(provider).or_default().insert(key, index);
    }

    /// Returns the number of models with prices.
    pub(crate) fn models(&self) -> usize {
        self.entries.len()
    }

    /// Returns the provider and the model of each entry.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let mut names: Vec<Option<(&String, &String)>> = vec![None; self.entries.len()];
        for (provider, models) in &self.index_by_name {
            for (model, index) in models {
                // The name without the provider's prefix is the shorter one.
                if let Some(known) = names.get_mut(*index)
                    && known.is_none_or(|(_, longer)| model.len() < longer.len())
                {
                    *known = Some((provider, model));
                }
            }
        }
        names.into_iter().flatten().map(|(provider, model)| (provider.clone(), model.clone())).collect()
    }

    fn find(&self, candidate: &Candidate) -> Option<&ModelPrices> {
        // The name of a gateway may have that of a known provider in it; the file's own name for it comes first.
        let of_row = candidate.row.map_or(&[][..], |row| row.files);
        // An entry without a provider is for all of them.
        let mut names = [candidate.provider_in_files.as_str()].into_iter().chain(of_row.iter().copied()).chain([""]);
        let index = names.find_map(|provider| self.index_by_name.get(provider)?.get(&candidate.model));
        self.entries.get(*index?)
    }

    /// Returns the price of a usage; `None` if the file lacks the model or one of the prices.
    pub(super) fn price(&self, candidate: &Candidate, usage: &Usage) -> Option<Priced> {
        self.find(candidate)?.price(usage)
    }

    /// Returns the most output tokens of a model, `None` if the file lacks it.
    pub(super) fn most_output_tokens(&self, candidate: &Candidate) -> Option<u64> {
        self.find(candidate)?.most_output_tokens
    }
}

impl ModelPrices {
    /// Reads the prices among the fields of a model. The error is the field and the reason.
    fn read(fields: &Map<String, Value>) -> Result<Self, (String, String)> {
        let mut entry = Self { has_off_peak: fields.get(OFF_PEAK).is_some_and(Value::is_object), ..Self::default() };
        entry.read_prices(fields, 0)?;
        entry.read_web_search(fields)?;
        entry.read_factors(fields);
        for range in fields.get("tiered_pricing").and_then(Value::as_array).into_iter().flatten() {
            // Ranges may also price things other than tokens: skip those.
            let Some(range) = range
                .as_object()
                .filter(|range| range.keys().any(|name| matches!(Field::of(name), Some(Field::Token { .. }))))
            else {
                continue;
            };
            let wrong = |reason: &str| ("tiered_pricing".to_owned(), reason.to_owned());
            let from = range.get("range").and_then(|range| range.get(0)).and_then(Value::as_f64);
            let from = from.filter(|from| *from >= 0.0).ok_or_else(|| wrong("has an item without a `range`"))?;
            entry.read_prices(range, from as u64)?;
        }
        let most_output_tokens = fields.get("max_output_tokens").or_else(|| fields.get("max_tokens"));
        entry.most_output_tokens = most_output_tokens.and_then(Value::as_u64);
        Ok(entry)
    }

    fn read_prices(&mut self, fields: &Map<String, Value>, from_input_tokens: u64) -> Result<(), (String, String)> {
        for (name, value) in fields {
            let Some(field) = Field::of(name) else { continue };
            if value.is_null() {
                continue;
            }
            let wrong = |reason| (name.clone(), reason);
            match field {
                Field::Request => self.per_request = field::unit_price(value).map_err(wrong)?,
                Field::Token { kind, above_input_tokens, tier } => {
                    let unit_price = field::unit_price(value).map_err(wrong)?;
                    let above_input_tokens = above_input_tokens.max(from_input_tokens);
                    self.prices.push(ConditionalPrice { kind, above_input_tokens, tier, unit_price });
                }
                Field::Quantity { quantity, units, tier } => {
                    let price = field::price_of_quantity(value).map_err(wrong)?;
                    self.quantities.push(QuantityPrice { quantity, units, tier, price });
                }
            }
        }
        Ok(())
    }

    /// Prices cached input at half of input, as Fireworks bills every model without a price of its own for it.
    fn halve_cached_input(&mut self) {
        let is_at_list = |price: &&ConditionalPrice| price.tier.is_none() && price.above_input_tokens == 0;
        let at_list = |kind| self.prices.iter().filter(is_at_list).find(|price| price.kind == kind);
        if let (Some(input), None) = (at_list(TokenKind::Input), at_list(TokenKind::CachedInput)) {
            let half = ConditionalPrice { kind: TokenKind::CachedInput, unit_price: input.unit_price.half(), ..*input };
            self.prices.push(half);
        }
    }

    fn has_prices(&self) -> bool {
        !self.prices.is_empty() || !self.quantities.is_empty()
    }

    fn read_web_search(&mut self, fields: &Map<String, Value>) -> Result<(), (String, String)> {
        let Some(sizes) = fields.get(field::WEB_SEARCH).filter(|sizes| !sizes.is_null()) else { return Ok(()) };
        let price = field::WEB_SEARCH_SIZES.iter().find_map(|size| sizes.get(size)).unwrap_or(sizes);
        let price = field::price_of_quantity(price).map_err(|reason| (field::WEB_SEARCH.to_owned(), reason))?;
        self.quantities.push(QuantityPrice { quantity: Quantity::WebSearches, units: 1, tier: None, price });
        Ok(())
    }

    fn read_factors(&mut self, fields: &Map<String, Value>) {
        let factors = fields.get("provider_specific_entry").and_then(Value::as_object);
        for (name, factor) in factors.into_iter().flatten() {
            if let Some(factor) = factor.as_f64().filter(|factor| (1.0..10.0).contains(factor)) {
                self.factors.push((name.to_lowercase(), (factor * 1e3).round() as u64));
            }
        }
    }

    /// Returns the price of a usage; `None` if one of its kinds of token has none.
    fn price(&self, usage: &Usage) -> Option<Priced> {
        let kinds = || TokenKind::ALL.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0);
        let mut tokens = Amount::ZERO;
        let mut basis = PriceBasis::Priced;
        let (mut of_tier, mut at_list) = (false, false);
        for (kind, n) in kinds() {
            let Found { unit_price, kind: of, tier } = self.find(kind, usage)?;
            tokens = [tokens, unit_price.times(n)].into_iter().sum();
            of_tier |= tier.is_some();
            at_list |= tier.is_none() && unit_price > UnitPrice::default();
            if of != kind && kind.is_dearer_than_text() {
                basis = basis.max(PriceBasis::PartlyPricedModality);
            }
        }
        if self.has_off_peak && tokens > Amount::ZERO {
            basis = basis.max(PriceBasis::PartlyPricedTier);
        }
        let factor = |name: &str| self.factors.iter().find(|(known, _)| known == name).map(|(_, factor)| *factor);
        let has_tier = !matches!(usage.service_tier, None | Some(ServiceTier::Standard));
        if has_tier && at_list && !of_tier {
            match factor("fast").filter(|_| usage.service_tier == Some(ServiceTier::Fast)) {
                Some(thousandths) => tokens = tokens.thousandths(thousandths),
                None => basis = basis.max(PriceBasis::PartlyPricedTier),
            }
        }
        if let Some(region) = &usage.inference_geo {
            match factor(region).or_else(|| region_factor(region)) {
                Some(thousandths) => tokens = tokens.thousandths(thousandths),
                None => basis = basis.max(PriceBasis::PartlyPricedTier),
            }
        }
        let mut amounts = vec![tokens, self.per_request.times(1)];
        for (quantity, n) in Quantity::ALL.into_iter().zip(usage.quantities()).filter(|(_, n)| *n > 0) {
            match self.of_quantity(quantity, n, usage.service_tier) {
                Some(amount) => amounts.push(amount),
                None if quantity.is_tool() && self.per_request > UnitPrice::default() => {}
                None if quantity.is_tool() => basis = basis.max(PriceBasis::PartlyPricedTool),
                None if usage.total_tokens() == 0 => return None,
                None => basis = basis.max(PriceBasis::PartlyPricedModality),
            }
        }
        Some(Priced { amount: amounts.into_iter().sum(), basis })
    }

    /// Finds the price of a token: that of its own kind, or else that of the kind that it is a part of.
    fn find(&self, kind: TokenKind, usage: &Usage) -> Option<Found> {
        let holds = |price: &ConditionalPrice, kind| {
            price.kind == kind
                && (price.above_input_tokens == 0 || usage.input_tokens > price.above_input_tokens)
                && (price.tier.is_none() || price.tier == usage.service_tier)
        };
        let best_of = |kind| {
            let of_kind = self.prices.iter().filter(|price| holds(price, kind));
            of_kind.max_by_key(|price| (price.above_input_tokens, price.tier.is_some()))
        };
        let best = match (kind, best_of(kind)) {
            // Models that only draw have one price for what they return: that of images.
            (TokenKind::Output, None) => best_of(TokenKind::ImageOutput),
            // The price of output in a tier is for all of it, unless reasoning has its own there.
            (TokenKind::Reasoning, Some(ConditionalPrice { tier: None, .. }))
                if best_of(TokenKind::Output).is_some_and(|output| output.tier.is_some()) =>
            {
                None
            }
            (_, best) => best,
        };
        let whole = match kind {
            TokenKind::CacheWrite1h => TokenKind::CacheWrite5m,
            TokenKind::CachedAudio | TokenKind::CachedImage => TokenKind::CachedInput,
            TokenKind::CachedInput
            | TokenKind::CacheWrite5m
            | TokenKind::AudioInput
            | TokenKind::ImageInput
            | TokenKind::VideoInput => TokenKind::Input,
            TokenKind::Reasoning
            | TokenKind::AudioOutput
            | TokenKind::ImageOutput
            | TokenKind::VideoOutput
            | TokenKind::Citation => TokenKind::Output,
            TokenKind::Input | TokenKind::Output => {
                return best.map(|price| Found { unit_price: price.unit_price, kind, tier: price.tier });
            }
        };
        best.map(|price| Found { unit_price: price.unit_price, kind, tier: price.tier })
            .or_else(|| self.find(whole, usage))
    }

    fn of_quantity(&self, quantity: Quantity, n: u64, tier: Option<ServiceTier>) -> Option<Amount> {
        let holds = |price: &&QuantityPrice| price.quantity == quantity && (price.tier.is_none() || price.tier == tier);
        let best = self.quantities.iter().filter(holds).max_by_key(|price| price.tier.is_some())?;
        Some(best.price.times(n).divided_by(best.units))
    }
}

/// The price of a token that a model has.
struct Found {
    unit_price: UnitPrice,
    /// The kind that has the price.
    kind: TokenKind,
    /// The tier that has the price.
    tier: Option<ServiceTier>,
}

#[cfg(test)]
mod tests;
