//! What the model calls under some work cost.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;

/// Adds up the cost of model calls by model; a cache keeps it with an answer, and a hit has then saved it.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<ModelName, NanoUsd>>);

impl Ledger {
    pub(crate) fn add(&self, model: &ModelName, cost: NanoUsd) {
        let mut costs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = costs.entry(model.clone()).or_default();
        *sum = sum.saturating_add(cost);
    }

    /// Returns what all calls together cost that are priced so far.
    pub(crate) fn total(&self) -> NanoUsd {
        let costs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        costs.values().fold(NanoUsd(0), |sum, cost| sum.saturating_add(*cost))
    }

    /// Returns what each model's calls cost, once all calls that ended so far are priced.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the cache alone asks by model"))]
    pub(crate) async fn costs(&self) -> Vec<(ModelName, NanoUsd)> {
        DECODING.work_done().await;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(model, cost)| (model.clone(), *cost))
            .collect()
    }
}
