//! The prices in force: those that come with the library, and before them those of a file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use genai_prices::Calculator;

use super::bundled;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::price_file::{PriceFile, PricesError};
use super::usage::Usage;
use crate::host_log::catch_panic;

/// The prices at one moment; all that is priced with them fits together, whatever is read meanwhile.
pub(crate) struct Prices {
    bundled: Option<&'static Calculator>,
    file: Option<Arc<LoadedFile>>,
}

/// A price file that is in force, or may be put in force.
#[derive(Debug)]
pub(crate) struct LoadedFile {
    path: PathBuf,
    prices: PriceFile,
}

static FILE: RwLock<Option<Arc<LoadedFile>>> = RwLock::new(None);

impl Prices {
    /// Returns the prices of the file that is in force, and behind them the bundled ones.
    pub(super) fn with(bundled: Option<&'static Calculator>) -> Self {
        Self { bundled, file: FILE.read().unwrap_or_else(PoisonError::into_inner).clone() }
    }

    /// Returns what a call cost: what its provider says, or else the price of the tokens; `None` where it is not known.
    pub(crate) fn cost(&self, name: &ModelName, usage: &Usage) -> Option<NanoUsd> {
        usage.cost.or_else(|| self.price(name, usage))
    }

    /// Returns the price of the tokens, rounded once to whole nano-dollars; `None` where it is not known.
    pub(crate) fn price(&self, name: &ModelName, usage: &Usage) -> Option<NanoUsd> {
        let ModelName { provider, model } = name;
        let from_file = self.file.as_ref().and_then(|file| file.prices.amount(provider, model, usage));
        let amount = from_file.or_else(|| bundled::amount(self.bundled?, provider, model, usage))?;
        Some(amount.to_nano_usd())
    }

    /// Returns a number of tokens that a model's answer never exceeds, where one is known.
    pub(crate) fn most_output_tokens(&self, name: &ModelName) -> Option<u64> {
        let ModelName { provider, model } = name;
        let from_file = self.file.as_ref().and_then(|file| file.prices.most_output_tokens(provider, model));
        from_file.or_else(|| bundled::context_window(self.bundled?, provider, model))
    }
}

/// Reads a price file, without putting it in force.
pub(crate) fn read_file(path: &Path) -> Result<LoadedFile, PricesError> {
    let before = FILE.read().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, |file| file.prices.models());
    Ok(LoadedFile { path: path.to_owned(), prices: PriceFile::read(path, before)? })
}

/// Puts a price file in force.
pub(crate) fn install_file(file: LoadedFile) {
    *FILE.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(file));
}

/// Reads the file that is in force again.
pub(crate) fn reload_file() -> Result<usize, PricesError> {
    let path = FILE.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|file| file.path.clone());
    reload(&path.ok_or(PricesError::NoFile)?)
}

/// Reads prices from a file in the format of LiteLLM's `model_prices_and_context_window.json`, and puts them in force
/// in place of those of the file before. Returns how many models it has prices for.
///
/// Calls that go on meanwhile are priced wholly by the old file or wholly by the new one. See the chapter on cost of the
/// documentation for what the file may say.
///
/// # Errors
///
/// The file cannot be read, is no JSON, has a price that cannot be right, has no prices, or has less than half of the
/// models that the file before had. Then the prices in force stay as they are, and a warning is logged.
pub fn reload(path: impl AsRef<Path>) -> Result<usize, PricesError> {
    // One at a time: a file is compared with the one that it replaces.
    static RELOADING: Mutex<()> = Mutex::new(());
    let _reloading = RELOADING.lock().unwrap_or_else(PoisonError::into_inner);
    let file = read_file(path.as_ref()).inspect_err(|error| {
        catch_panic(
            || tracing::warn!(target: "tta::telemetry", %error, "the price file is refused: the prices in force stay"),
        );
    })?;
    let models = file.prices.models();
    install_file(file);
    Ok(models)
}

#[cfg(test)]
impl Prices {
    /// Makes prices of a file alone, or of the bundled ones.
    pub(crate) fn of(bundled: Option<&'static Calculator>, file: Option<PriceFile>) -> Self {
        Self { bundled, file: file.map(|prices| Arc::new(LoadedFile { path: PathBuf::new(), prices })) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{ModelName, NanoUsd, Prices, Usage, reload};

    #[test]
    fn a_call_is_priced_wholly_by_one_file_while_files_are_read() {
        let directory = std::env::temp_dir();
        let files = ["1e-6", "2e-6"].map(|usd| {
            let path = directory.join(format!("tta-whole-prices-{usd}-{}.json", std::process::id()));
            let prices = format!(r#"{{"whole": {{"input_cost_per_token": {usd}, "output_cost_per_token": {usd}}}}}"#);
            std::fs::write(&path, prices).unwrap();
            path
        });
        let (name, usage) = (ModelName::new("anywhere", "whole"), Usage::new(1_000, 1_000));
        let done = AtomicBool::new(false);
        assert_eq!(reload(&files[0]).unwrap(), 1);
        std::thread::scope(|scope| {
            let price = || {
                let mut seen = std::collections::BTreeSet::new();
                loop {
                    seen.insert(Prices::with(None).price(&name, &usage));
                    if done.load(Ordering::SeqCst) {
                        return seen;
                    }
                }
            };
            let readers = [scope.spawn(price), scope.spawn(price)];
            for _ in 0..50 {
                for file in &files {
                    reload(file).unwrap();
                }
            }
            done.store(true, Ordering::SeqCst);
            for reader in readers {
                let whole = [2_000_000, 4_000_000].map(|nanos| Some(NanoUsd(nanos)));
                let seen = reader.join().unwrap();
                assert!(seen.iter().all(|price| whole.contains(price)), "{seen:?}");
            }
        });
        for file in files {
            std::fs::remove_file(file).unwrap();
        }
    }
}
