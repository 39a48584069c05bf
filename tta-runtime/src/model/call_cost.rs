//! The cost of one call, which may become known after the call ended.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::nano_usd::NanoUsd;
use super::price_basis::{Cost, PriceBasis};

/// The cost of a call: the sum over its usages, not known before the first of them is priced.
#[derive(Debug)]
pub(crate) struct CallCost {
    nanos: AtomicU64,
    /// The position of the least certain basis in [`PriceBasis::ALL`], plus 1; 0 before the first usage.
    basis: AtomicU8,
}

/// The marker of an unknown cost, above any real one.
const UNKNOWN: u64 = u64::MAX;

impl Default for CallCost {
    fn default() -> Self {
        Self { nanos: AtomicU64::new(UNKNOWN), basis: AtomicU8::new(0) }
    }
}

impl CallCost {
    pub(crate) fn add(&self, cost: Cost) {
        let Cost { nanos: NanoUsd(nanos), basis } = cost;
        let sum = |before: u64| Some(if before == UNKNOWN { nanos } else { before.saturating_add(nanos) });
        let _ = self.nanos.fetch_update(Ordering::AcqRel, Ordering::Acquire, sum);
        self.add_basis(basis);
    }

    /// Records a usage without a price.
    pub(crate) fn add_unpriced(&self) {
        self.add_basis(PriceBasis::Unpriced);
    }

    /// Records a call that nobody reported a usage of.
    pub(crate) fn add_no_usage(&self) {
        self.add_basis(PriceBasis::NoUsage);
    }

    fn add_basis(&self, basis: PriceBasis) {
        self.basis.fetch_max(basis as u8 + 1, Ordering::AcqRel);
    }

    pub(crate) fn known(&self) -> Option<NanoUsd> {
        Some(self.nanos.load(Ordering::Acquire)).filter(|nanos| *nanos != UNKNOWN).map(NanoUsd)
    }

    /// Returns the basis of the cost so far, `None` before the first usage is priced.
    pub(crate) fn basis(&self) -> Option<PriceBasis> {
        let position = self.basis.load(Ordering::Acquire).checked_sub(1)?;
        PriceBasis::ALL.get(usize::from(position)).copied()
    }
}
