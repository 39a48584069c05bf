//! Price lists: the prices of one source, to be compared with those of another one.

use std::path::Path;
use std::sync::Arc;

use genai_prices::Calculator;

use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::price_file::PricesError;
use super::prices::{LoadedFile, Prices};
use super::usage::Usage;

/// The prices of one source: the bundled ones, or those of a file. They affect no call.
///
/// ```
/// use tta_runtime::llm::{NanoUsd, PriceList, Usage};
///
/// let bundled = PriceList::bundled();
/// assert_eq!(bundled.price("openai", "gpt-4o", &Usage::new(1_000, 200)), Some(NanoUsd(4_500_000)));
/// assert!(bundled.models().contains(&("openai".to_owned(), "gpt-4o".to_owned())));
/// ```
pub struct PriceList {
    source: Source,
    prices: Prices,
}

enum Source {
    Bundled(&'static Calculator),
    File(Arc<LoadedFile>),
}

impl PriceList {
    /// Returns the bundled prices.
    ///
    /// The first call of a process blocks for about 50 ms while they are decoded.
    #[must_use]
    pub fn bundled() -> Self {
        let calculator = Calculator::bundled();
        Self { source: Source::Bundled(calculator), prices: Prices::only(Some(calculator), None) }
    }

    /// Reads a file in the format of LiteLLM's `model_prices_and_context_window.json`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, is not a JSON object, has an implausible price, or has no price per token.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PricesError> {
        let file = Arc::new(LoadedFile::read(path.as_ref(), 0)?);
        Ok(Self { source: Source::File(Arc::clone(&file)), prices: Prices::only(None, Some(file)) })
    }

    /// Returns the names of all models with prices, sorted: the provider, which is empty if the prices are for all
    /// providers, and the model.
    #[must_use]
    pub fn models(&self) -> Vec<(String, String)> {
        let mut names = match &self.source {
            Source::Bundled(calculator) => {
                let of_provider = |provider: genai_prices::ProviderInfo<'static>| {
                    provider.models().map(move |model| (provider.id().to_owned(), model.id().to_owned()))
                };
                calculator.providers().flat_map(of_provider).collect()
            }
            Source::File(file) => file.names(),
        };
        names.sort();
        names
    }

    /// Returns the price of what was used, regardless of a [cost](Usage::cost) in the usage; `None` if it is not known.
    #[must_use]
    pub fn price(&self, provider: &str, model: &str, usage: &Usage) -> Option<NanoUsd> {
        self.prices.price(&ModelName::new(provider, model), usage)
    }
}

impl std::fmt::Debug for PriceList {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PriceList").field("models", &self.models().len()).finish_non_exhaustive()
    }
}
