//! The prices in force: those of the price file, then the bundled ones.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use genai_prices::Calculator;

use super::bundled;
use super::candidates::{Variant, candidates};
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::price_basis::{Cost, PriceBasis, Priced};
use super::price_file::{PriceFile, PricesError};
use super::usage::Usage;
use crate::host_log::catch_panic;

/// The prices in force at one moment, which a concurrent reload does not change.
pub(crate) struct Prices {
    bundled: Option<&'static Calculator>,
    file: Option<Arc<LoadedFile>>,
    downloaded: Option<Arc<DownloadedPrices>>,
}

/// A price file that was read.
#[derive(Debug)]
pub(crate) struct LoadedFile {
    path: PathBuf,
    prices: PriceFile,
    /// The time when the file was written.
    modified: Option<SystemTime>,
}

impl LoadedFile {
    /// Reads a file; `before` is the number of models in the file that it replaces.
    pub(super) fn read(path: &Path, before: usize) -> Result<Self, PricesError> {
        let prices = PriceFile::read(path, before)?;
        let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Ok(Self { path: path.to_owned(), prices, modified })
    }

    /// Returns the provider and the model of each entry.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        self.prices.names()
    }
}

/// Prices that were downloaded.
#[derive(Debug)]
pub(crate) struct DownloadedPrices {
    prices: PriceFile,
}

/// The price file in force.
static FILE: RwLock<Option<Arc<LoadedFile>>> = RwLock::new(None);

/// The downloaded prices in force, and the time when they were the current ones.
static DOWNLOADED: RwLock<Option<(Arc<DownloadedPrices>, SystemTime)>> = RwLock::new(None);

impl Prices {
    /// Returns the prices of the file in force, then the downloaded ones, then the bundled ones.
    pub(super) fn with(bundled: Option<&'static Calculator>) -> Self {
        let downloaded = DOWNLOADED.read().unwrap_or_else(PoisonError::into_inner);
        Self {
            bundled,
            file: FILE.read().unwrap_or_else(PoisonError::into_inner).clone(),
            downloaded: downloaded.as_ref().map(|(prices, _)| Arc::clone(prices)),
        }
    }

    /// Creates prices from these sources alone.
    pub(super) fn only(bundled: Option<&'static Calculator>, file: Option<Arc<LoadedFile>>) -> Self {
        Self { bundled, file, downloaded: None }
    }

    /// Iterates over the price files, the one that takes precedence first.
    fn files(&self) -> impl Iterator<Item = &PriceFile> {
        let own = self.file.as_ref().map(|file| &file.prices);
        own.into_iter().chain(self.downloaded.as_ref().map(|downloaded| &downloaded.prices))
    }

    /// Returns the cost of a call: the one that the provider reports, or else the price of what was used. `None` if neither is
    /// known.
    pub(crate) fn cost(&self, name: &ModelName, usage: &Usage) -> Option<Cost> {
        let reported = usage.cost.map(|nanos| Cost { nanos, basis: PriceBasis::Reported });
        reported.or_else(|| self.list_cost(name, usage))
    }

    /// Returns how much more a call may have cost than is known: the reported total may be larger than the sum of the counts.
    pub(crate) fn unexplained(&self, name: &ModelName, usage: &Usage, cost: Cost) -> NanoUsd {
        let missing = usage.reported_total_tokens.map_or(0, |total| total.saturating_sub(usage.total_tokens()));
        if missing == 0 || cost.basis == PriceBasis::Reported {
            return NanoUsd(0);
        }
        // Output costs more than input.
        let most = Usage { output_tokens: usage.output_tokens.saturating_add(missing), ..usage.clone() };
        NanoUsd(self.price(name, &most).map_or(0, |most| most.0.saturating_sub(cost.nanos.0)))
    }

    /// Returns the price of what was used, rounded once to nano-dollars; `None` if it is not known.
    pub(crate) fn price(&self, name: &ModelName, usage: &Usage) -> Option<NanoUsd> {
        self.list_cost(name, usage).map(|cost| cost.nanos)
    }

    /// Returns the price of what was used, regardless of a reported cost.
    fn list_cost(&self, name: &ModelName, usage: &Usage) -> Option<Cost> {
        let Priced { amount, mut basis } = self.of_model(&name.provider, &name.model, usage).or_else(|| {
            // The request may name a deployment; the response then names the model.
            self.of_model(&name.provider, usage.response_model.as_deref()?, usage)
        })?;
        if usage.reported_total_tokens.is_some_and(|total| total != usage.total_tokens()) {
            basis = basis.max(PriceBasis::PartlyPricedTotal);
        }
        Some(Cost { nanos: amount.to_nano_usd(), basis })
    }

    fn of_model(&self, provider: &str, model: &str, usage: &Usage) -> Option<Priced> {
        let candidates = candidates(provider, model);
        let from_file = self
            .files()
            .find_map(|file| candidates.iter().find_map(|candidate| Some((candidate, file.price(candidate, usage)?))));
        let (candidate, mut priced) = from_file.or_else(|| {
            candidates.iter().find_map(|candidate| {
                let free = (candidate.variant == Variant::Free).then_some(Priced::FREE);
                let bundled = free.or_else(|| bundled::price(self.bundled?, candidate, usage));
                Some((candidate, bundled?))
            })
        })?;
        let missing = match candidate.variant {
            Variant::FineTuned => PriceBasis::PartlyPricedTier,
            Variant::WithWebSearch if usage.web_searches == 0 => PriceBasis::PartlyPricedTool,
            Variant::Same | Variant::WithWebSearch | Variant::Free => PriceBasis::Priced,
        };
        priced.basis = priced.basis.max(missing);
        Some(priced)
    }

    /// Returns an upper bound on the output tokens of a model, `None` if none is known.
    pub(crate) fn most_output_tokens(&self, name: &ModelName) -> Option<u64> {
        let candidates = candidates(&name.provider, &name.model);
        let from_file =
            self.files().find_map(|file| candidates.iter().find_map(|candidate| file.most_output_tokens(candidate)));
        from_file.or_else(|| candidates.iter().find_map(|candidate| bundled::context_window(self.bundled?, candidate)))
    }
}

/// Reads a price file again, without putting it in force.
fn read_file(path: &Path) -> Result<LoadedFile, PricesError> {
    let before = FILE.read().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, |file| file.prices.models());
    LoadedFile::read(path, before)
}

/// Reads the price file of a start: it replaces that of an earlier start, however many models that had.
pub(crate) fn read_file_at_start(path: &Path) -> Result<LoadedFile, PricesError> {
    LoadedFile::read(path, 0)
}

/// Puts a price file in force.
fn install_file(file: LoadedFile) {
    *FILE.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(file));
}

/// Puts the price file of a start in force. Prices of an earlier start are no longer in force, those that the program loaded itself
/// are.
pub(crate) fn start_with(file: Option<LoadedFile>) {
    /// True if the file in force is that of a start.
    static IS_OF_START: AtomicBool = AtomicBool::new(false);
    *DOWNLOADED.write().unwrap_or_else(PoisonError::into_inner) = None;
    let was_of_start = IS_OF_START.swap(file.is_some(), Ordering::Relaxed);
    match file {
        Some(file) => install_file(file),
        None if was_of_start => *FILE.write().unwrap_or_else(PoisonError::into_inner) = None,
        None => {}
    }
}

/// Puts downloaded prices in force; `source` names them in errors.
#[cfg(feature = "prices-url")]
pub(crate) fn install_downloaded(source: &str, text: &[u8], now: SystemTime) -> Result<usize, PricesError> {
    let lock = || DOWNLOADED.write().unwrap_or_else(PoisonError::into_inner);
    let before = lock().as_ref().map_or(0, |(downloaded, _)| downloaded.prices.models());
    let prices = PriceFile::of_text(Path::new(source), text, before)?;
    let models = prices.models();
    *lock() = Some((Arc::new(DownloadedPrices { prices }), now));
    Ok(models)
}

/// Records that the downloaded prices are still the current ones.
#[cfg(feature = "prices-url")]
pub(crate) fn confirm_downloaded(now: SystemTime) {
    if let Some((_, current)) = &mut *DOWNLOADED.write().unwrap_or_else(PoisonError::into_inner) {
        *current = now;
    }
}

/// Returns the age of the prices in force by their source: how long ago the file was written, and the downloaded ones were the
/// current ones.
pub(crate) fn ages(now: SystemTime) -> Vec<(&'static str, Duration)> {
    let file = FILE.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|file| file.modified);
    let downloaded = DOWNLOADED.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, current)| *current);
    let age = |(source, since)| Some((source, now.duration_since(since?).unwrap_or_default()));
    [("file", file), ("url", downloaded)].into_iter().filter_map(age).collect()
}

/// Reloads the price file in force.
pub(crate) fn reload_file() -> Result<usize, PricesError> {
    let path = FILE.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|file| file.path.clone());
    reload(&path.ok_or(PricesError::NoFile)?)
}

/// Loads a price file in the format of LiteLLM's `model_prices_and_context_window.json`, in place of the one in force.
/// Returns the number of models with prices.
///
/// A concurrent call is priced entirely by the old file or entirely by the new one. The chapter on cost of the documentation
/// describes the format.
///
/// # Errors
///
/// Returns an error if the file cannot be read, is not a JSON object, has an implausible price, has no price per token, or has
/// less than half of the models of the file in force. The prices in force then stay unchanged, and a warning is logged.
pub fn reload(path: impl AsRef<Path>) -> Result<usize, PricesError> {
    // One reload at a time: a file is compared with the one that it replaces.
    static RELOADING: Mutex<()> = Mutex::new(());
    let _reloading = RELOADING.lock().unwrap_or_else(PoisonError::into_inner);
    let file = read_file(path.as_ref()).inspect_err(|error| {
        catch_panic(
            || tracing::warn!(target: "tta::telemetry", %error, "the price file is rejected; the prices in force stay unchanged"),
        );
    })?;
    let models = file.prices.models();
    install_file(file);
    Ok(models)
}

#[cfg(test)]
impl Prices {
    /// Creates prices from the given sources.
    pub(crate) fn of(bundled: Option<&'static Calculator>, file: Option<PriceFile>) -> Self {
        let loaded = |prices| Arc::new(LoadedFile { path: PathBuf::new(), prices, modified: None });
        Self { bundled, file: file.map(loaded), downloaded: None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{ModelName, NanoUsd, Prices, Usage, reload};

    #[test]
    fn a_call_is_priced_by_one_file_during_reloads() {
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
