//! What the model calls under some work cost.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::model_call::ModelName;
use super::nano_usd::NanoUsd;

/// Adds up the cost of model calls by model; a cache keeps it with an answer, and a hit has then saved it.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<ModelName, NanoUsd>>);

impl Ledger {
    pub(crate) fn add(&self, model: &ModelName, cost: NanoUsd) {
        let mut costs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = costs.entry(model.clone()).or_default();
        *sum = NanoUsd(sum.0.saturating_add(cost.0));
    }

    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the cache alone reads ledgers"))]
    pub(crate) fn costs(&self) -> Vec<(ModelName, NanoUsd)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(model, cost)| (model.clone(), *cost))
            .collect()
    }
}
