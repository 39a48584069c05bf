//! Price files, in the format of LiteLLM's `model_prices_and_context_window.json`.

mod error;
mod field;

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

pub use self::error::PricesError;
use self::field::Field;
use super::service_tier::ServiceTier;
use super::unit_price::{Amount, UnitPrice};
use super::usage::{TokenKind, Usage};

/// The models of a price file that have a price per token.
#[derive(Debug, Default)]
pub(crate) struct PriceFile {
    entries: Vec<ModelPrices>,
    /// Indexes into `entries`, by provider and model and by provider and key, all in lower case.
    index_by_name: HashMap<(String, String), usize>,
}

/// The prices of one model.
#[derive(Debug, Default)]
struct ModelPrices {
    prices: Vec<ConditionalPrice>,
    per_request: UnitPrice,
    most_output_tokens: Option<u64>,
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

/// The key of LiteLLM's description of the format, which is no model.
const DESCRIPTION: &str = "sample_spec";

impl PriceFile {
    /// Reads a file; `before` is the number of models in the file that it replaces.
    pub(crate) fn read(path: &Path, before: usize) -> Result<Self, PricesError> {
        let text = std::fs::read(path).map_err(|source| PricesError::Unreadable { path: path.to_owned(), source })?;
        let read = Self::parse(path, &text)?;
        if read.models() < before.div_ceil(2) {
            return Err(PricesError::Shrunken { path: path.to_owned(), models: read.models(), before });
        }
        Ok(read)
    }

    fn parse(path: &Path, text: &[u8]) -> Result<Self, PricesError> {
        let models: Map<String, Value> = serde_json::from_slice(text)
            .map_err(|error| PricesError::Malformed { path: path.to_owned(), reason: error.to_string() })?;
        let mut file = Self::default();
        for (model, fields) in models.iter().filter(|(model, _)| *model != DESCRIPTION) {
            let refused = |field: &str, reason: String| PricesError::Refused {
                path: path.to_owned(),
                model: model.clone(),
                field: field.to_owned(),
                reason,
            };
            let Value::Object(fields) = fields else {
                return Err(refused("", "is not an object; write its prices in braces".into()));
            };
            let entry = ModelPrices::read(fields).map_err(|(field, reason)| refused(&field, reason))?;
            if !entry.prices.is_empty() {
                let provider = fields.get("litellm_provider").and_then(Value::as_str).unwrap_or_default();
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
        let (provider, key) = (family(provider), key.to_lowercase());
        let index = self.entries.len();
        self.entries.push(entry);
        if let Some((prefix, model)) = key.split_once('/') {
            let prefixed = family(prefix);
            if provider.is_empty() || prefixed == provider {
                // A key without a provider takes precedence, wherever it stands in the file.
                self.index_by_name.entry((prefixed, model.to_owned())).or_insert(index);
            }
        }
        self.index_by_name.insert((provider, key), index);
    }

    /// Returns the number of models with prices.
    pub(crate) fn models(&self) -> usize {
        self.entries.len()
    }

    fn find(&self, provider: &str, model: &str) -> Option<&ModelPrices> {
        let (provider, model) = (family(provider), model.to_lowercase());
        let index = self.index_by_name.get(&(provider, model.clone()));
        self.entries.get(*index.or_else(|| self.index_by_name.get(&(String::new(), model)))?)
    }

    /// Returns the price of the tokens; `None` if the file lacks the model or one of the prices.
    pub(super) fn amount(&self, provider: &str, model: &str, usage: &Usage) -> Option<Amount> {
        let entry = self.find(provider, model)?;
        let kinds = TokenKind::ALL.into_iter().zip(usage.by_kind());
        let tokens = kinds.filter(|(_, n)| *n > 0).map(|(kind, n)| Some(entry.unit_price(kind, usage)?.times(n)));
        tokens.chain([Some(entry.per_request.times(1))]).sum()
    }

    /// Returns the most output tokens of a model, `None` if the file lacks it.
    pub(super) fn most_output_tokens(&self, provider: &str, model: &str) -> Option<u64> {
        self.find(provider, model)?.most_output_tokens
    }
}

impl ModelPrices {
    /// Reads the prices among the fields of a model. The error is the field and the reason.
    fn read(fields: &Map<String, Value>) -> Result<Self, (String, String)> {
        let mut entry = Self::default();
        entry.read_prices(fields, 0)?;
        for range in fields.get("tiered_pricing").and_then(Value::as_array).into_iter().flatten() {
            // Ranges may also price things other than tokens: skip those.
            let Some(range) = range.as_object().filter(|range| range.keys().any(|name| Field::of(name).is_some()))
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
            let unit_price = field::unit_price(value).map_err(|reason| (name.clone(), reason))?;
            match field {
                Field::Request => self.per_request = unit_price,
                Field::Token { kind, above_input_tokens, tier } => {
                    let above_input_tokens = above_input_tokens.max(from_input_tokens);
                    self.prices.push(ConditionalPrice { kind, above_input_tokens, tier, unit_price });
                }
            }
        }
        Ok(())
    }

    /// Returns the price of a token: that of its own kind, or else that of the kind that it is a part of.
    fn unit_price(&self, kind: TokenKind, usage: &Usage) -> Option<UnitPrice> {
        let holds = |price: &&ConditionalPrice| {
            price.kind == kind
                && (price.above_input_tokens == 0 || usage.input_tokens > price.above_input_tokens)
                && (price.tier.is_none() || price.tier == usage.service_tier)
        };
        let best =
            self.prices.iter().filter(holds).max_by_key(|price| (price.above_input_tokens, price.tier.is_some()));
        let whole = match kind {
            TokenKind::CacheWrite1h => TokenKind::CacheWrite5m,
            TokenKind::CachedInput | TokenKind::CacheWrite5m | TokenKind::AudioInput => TokenKind::Input,
            TokenKind::Reasoning | TokenKind::AudioOutput => TokenKind::Output,
            TokenKind::Input | TokenKind::Output => return Some(best?.unit_price),
        };
        best.map(|price| price.unit_price).or_else(|| self.unit_price(whole, usage))
    }
}

/// Providers whose names differ between price files, programs and conventions: substrings, and the common name.
const FAMILIES: &[(&[&str], &str)] = &[
    (&["bedrock", "aws", "amazon"], "bedrock"),
    (&["azure", "az.ai"], "azure"),
    (&["openrouter"], "openrouter"),
    (&["vertex", "gemini", "google", "gcp"], "google"),
    (&["anthropic"], "anthropic"),
    (&["openai"], "openai"),
    (&["cohere"], "cohere"),
    (&["mistral"], "mistral"),
    (&["x-ai", "xai", "x.ai"], "xai"),
];

/// Returns the common name of a provider, in lower case.
fn family(provider: &str) -> String {
    let provider = provider.trim().to_lowercase().replace('_', "-");
    let known = FAMILIES.iter().find(|(parts, _)| parts.iter().any(|part| provider.contains(part)));
    known.map_or(provider, |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests;
