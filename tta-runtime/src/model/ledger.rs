//! A ledger: the cost of the model calls in a piece of work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "blocks")]
use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;

/// Sums up the cost of model calls, by model. A cache stores it with an answer: a hit saves that cost.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<LedgerEntries>);

#[derive(Default)]
struct LedgerEntries {
    costs: BTreeMap<ModelName, NanoUsd>,
    /// True after a call whose cost is not known.
    is_incomplete: bool,
    on_late_cost: Option<OnLateCost>,
}

/// Receives costs that arrive after the ledger was closed, such as those of a stream that is read later.
type OnLateCost = Arc<dyn Fn(NanoUsd) + Send + Sync>;

impl Ledger {
    pub(crate) fn add(&self, model: &ModelName, cost: NanoUsd) {
        let on_late_cost = {
            let mut entries = self.entries();
            let sum = entries.costs.entry(model.clone()).or_default();
            *sum = sum.saturating_add(cost);
            entries.on_late_cost.clone()
        };
        if let Some(on_late_cost) = on_late_cost {
            on_late_cost(cost);
        }
    }

    /// Records a call whose cost is not known.
    pub(crate) fn add_unpriced(&self) {
        self.entries().is_incomplete = true;
    }

    /// Returns the total cost of the calls priced so far.
    #[cfg(feature = "blocks")]
    pub(crate) fn total(&self) -> NanoUsd {
        self.entries().total()
    }

    /// Closes the ledger and returns the total cost of the calls priced so far; `on_late_cost` receives later costs.
    pub(crate) fn close(&self, on_late_cost: OnLateCost) -> NanoUsd {
        let mut entries = self.entries();
        entries.on_late_cost = Some(on_late_cost);
        entries.total()
    }

    /// Returns the cost by model, after all calls that ended so far are priced.
    #[cfg(feature = "blocks")]
    pub(crate) async fn costs(&self) -> Vec<(ModelName, NanoUsd)> {
        DECODING.work_done().await;
        self.entries().costs.iter().map(|(model, cost)| (model.clone(), *cost)).collect()
    }

    /// Returns the total cost after all calls that ended so far are priced; `None` without calls, or if the cost of one is
    /// not known.
    #[cfg(feature = "blocks")]
    pub(crate) async fn whole_cost(&self) -> Option<NanoUsd> {
        DECODING.work_done().await;
        let entries = self.entries();
        (!entries.is_incomplete && !entries.costs.is_empty()).then(|| entries.total())
    }

    fn entries(&self) -> MutexGuard<'_, LedgerEntries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LedgerEntries {
    fn total(&self) -> NanoUsd {
        self.costs.values().fold(NanoUsd(0), |sum, cost| sum.saturating_add(*cost))
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("costs", &self.entries().costs).finish_non_exhaustive()
    }
}
