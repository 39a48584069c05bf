//! Prices of the program's own, in the format of LiteLLM's `model_prices_and_context_window.json`.

mod error;
mod field;

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

pub use self::error::PricesError;
use self::field::Field;
use super::rate::{Amount, Rate};
use super::service_tier::ServiceTier;
use super::usage::{TokenKind, Usage};

/// The models of a price file that are paid by tokens.
#[derive(Debug, Default)]
pub(crate) struct PriceFile {
    entries: Vec<Entry>,
    /// Places of the entries by provider and model, provider and key, both in lower case.
    places: HashMap<(String, String), usize>,
}

/// The prices of one model.
#[derive(Debug, Default)]
struct Entry {
    prices: Vec<Price>,
    per_request: Rate,
    most_output_tokens: Option<u64>,
}

/// What a token costs under some conditions.
#[derive(Clone, Copy, Debug)]
struct Price {
    kind: TokenKind,
    /// Holds where the input is longer than this.
    above_input_tokens: u64,
    /// Holds for requests that were served so, for all others where there is none.
    tier: Option<ServiceTier>,
    rate: Rate,
}

/// LiteLLM's description of the format, which stands among the models.
const DESCRIPTION: &str = "sample_spec";

impl PriceFile {
    /// Reads a file; `before` is how many models the one that it replaces had.
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
                return Err(refused("", "is no object; write its prices in braces".into()));
            };
            let entry = Entry::read(fields).map_err(|(field, reason)| refused(&field, reason))?;
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

    /// Adds a model under its key, and under what stands behind the provider in its key.
    fn add(&mut self, provider: &str, key: &str, entry: Entry) {
        let (provider, key) = (family(provider), key.to_lowercase());
        let place = self.entries.len();
        self.entries.push(entry);
        if let Some((prefix, model)) = key.split_once('/') {
            let prefixed = family(prefix);
            if provider.is_empty() || prefixed == provider {
                // A key without a provider in it is the plainer one, wherever it stands.
                self.places.entry((prefixed, model.to_owned())).or_insert(place);
            }
        }
        self.places.insert((provider, key), place);
    }

    /// Returns how many models have prices.
    pub(crate) fn models(&self) -> usize {
        self.entries.len()
    }

    fn find(&self, provider: &str, model: &str) -> Option<&Entry> {
        let (provider, model) = (family(provider), model.to_lowercase());
        let place = self.places.get(&(provider, model.clone()));
        self.entries.get(*place.or_else(|| self.places.get(&(String::new(), model)))?)
    }

    /// Returns what the tokens cost; `None` where the file does not have the model.
    pub(super) fn amount(&self, provider: &str, model: &str, usage: &Usage) -> Option<Amount> {
        let entry = self.find(provider, model)?;
        let kinds = TokenKind::ALL.into_iter().zip(usage.by_kind());
        let tokens = kinds.filter(|(_, n)| *n > 0).map(|(kind, n)| Some(entry.rate(kind, usage)?.times(n)));
        tokens.chain([Some(entry.per_request.times(1))]).sum()
    }

    /// Returns the most tokens that a model writes, where the file says so.
    pub(super) fn most_output_tokens(&self, provider: &str, model: &str) -> Option<u64> {
        self.find(provider, model)?.most_output_tokens
    }
}

impl Entry {
    /// Reads the prices among the fields of a model; the error is the field and what is wrong with it.
    fn read(fields: &Map<String, Value>) -> Result<Self, (String, String)> {
        let mut entry = Self::default();
        entry.read_prices(fields, 0)?;
        for range in fields.get("tiered_pricing").and_then(Value::as_array).into_iter().flatten() {
            // Other things than tokens are paid by range, too.
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
            let rate = field::rate(value).map_err(|reason| (name.clone(), reason))?;
            match field {
                Field::Request => self.per_request = rate,
                Field::Token { kind, above_input_tokens, tier } => {
                    let above_input_tokens = above_input_tokens.max(from_input_tokens);
                    self.prices.push(Price { kind, above_input_tokens, tier, rate });
                }
            }
        }
        Ok(())
    }

    /// Returns what a token costs: at the price of its own kind, or else at that of what it is a part of.
    fn rate(&self, kind: TokenKind, usage: &Usage) -> Option<Rate> {
        let holds = |price: &&Price| {
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
            TokenKind::Input | TokenKind::Output => return Some(best?.rate),
        };
        best.map(|price| price.rate).or_else(|| self.rate(whole, usage))
    }
}

/// Providers whose names differ between price files, programs and conventions: what they contain, and one name.
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

/// Returns the one name of a provider, in lower case.
fn family(provider: &str) -> String {
    let provider = provider.trim().to_lowercase().replace('_', "-");
    let known = FAMILIES.iter().find(|(parts, _)| parts.iter().any(|part| provider.contains(part)));
    known.map_or(provider, |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests;
