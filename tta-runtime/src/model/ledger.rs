//! What the model calls under some work cost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;

/// Adds up the cost of model calls by model; a cache keeps it with an answer, and a hit has then saved it.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    costs: BTreeMap<ModelName, NanoUsd>,
    /// Whether there was a call whose cost is not known.
    is_incomplete: bool,
    late: Option<Late>,
}

/// Is told of costs that come after the ledger was closed, such as that of a stream that is read later.
type Late = Arc<dyn Fn(NanoUsd) + Send + Sync>;

impl Ledger {
    pub(crate) fn add(&self, model: &ModelName, cost: NanoUsd) {
        let late = {
            let mut entries = self.entries();
            let sum = entries.costs.entry(model.clone()).or_default();
            *sum = sum.saturating_add(cost);
            entries.late.clone()
        };
        if let Some(late) = late {
            late(cost);
        }
    }

    /// Notes a call whose cost is not known.
    pub(crate) fn add_unpriced(&self) {
        self.entries().is_incomplete = true;
    }

    /// Returns what all calls together cost that are priced so far.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the layer for blocks alone asks"))]
    pub(crate) fn total(&self) -> NanoUsd {
        self.entries().total()
    }

    /// Returns what all calls together cost that are priced so far; `late` is told of each that comes from now on.
    pub(crate) fn close(&self, late: Late) -> NanoUsd {
        let mut entries = self.entries();
        entries.late = Some(late);
        entries.total()
    }

    /// Returns what each model's calls cost, once all calls that ended so far are priced.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the cache alone asks by model"))]
    pub(crate) async fn costs(&self) -> Vec<(ModelName, NanoUsd)> {
        DECODING.work_done().await;
        self.entries().costs.iter().map(|(model, cost)| (model.clone(), *cost)).collect()
    }

    /// Returns what all calls cost, once those that ended so far are priced; `None` where there was none, or one whose
    /// cost is not known.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the router alone asks"))]
    pub(crate) async fn whole_cost(&self) -> Option<NanoUsd> {
        DECODING.work_done().await;
        let entries = self.entries();
        (!entries.is_incomplete && !entries.costs.is_empty()).then(|| entries.total())
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn total(&self) -> NanoUsd {
        self.costs.values().fold(NanoUsd(0), |sum, cost| sum.saturating_add(*cost))
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("costs", &self.entries().costs).finish_non_exhaustive()
    }
}
