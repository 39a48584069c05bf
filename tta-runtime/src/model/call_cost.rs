//! The cost of one call, which may become known after the call ended.

use std::sync::atomic::{AtomicU64, Ordering};

use super::nano_usd::NanoUsd;

/// The cost of a call: the sum over its usages, not known before the first of them is priced.
#[derive(Debug)]
pub(crate) struct CallCost(AtomicU64);

/// The marker of an unknown cost, above any real one.
const UNKNOWN: u64 = u64::MAX;

impl Default for CallCost {
    fn default() -> Self {
        Self(AtomicU64::new(UNKNOWN))
    }
}

impl CallCost {
    pub(crate) fn add(&self, cost: NanoUsd) {
        let sum = |before: u64| Some(if before == UNKNOWN { cost.0 } else { before.saturating_add(cost.0) });
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, sum);
    }

    pub(crate) fn known(&self) -> Option<NanoUsd> {
        Some(self.0.load(Ordering::Acquire)).filter(|nanos| *nanos != UNKNOWN).map(NanoUsd)
    }
}
