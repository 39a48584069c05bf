//! A ledger: the cost of the model calls in a piece of work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "blocks")]
use super::decoding::DECODING;
use super::model_call::ModelName;
use super::nano_usd::NanoUsd;
use super::price_basis::PriceBasis;

/// Sums up the cost of model calls, by model. A cache stores it with an answer: a hit saves that cost.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<LedgerEntries>,
    /// The account that the calls are paid from.
    account: Option<u64>,
}

#[derive(Default)]
struct LedgerEntries {
    costs: BTreeMap<ModelName, NanoUsd>,
    /// The cost that the calls may have beyond that.
    unexplained: NanoUsd,
    /// True after a call whose cost is not known.
    is_incomplete: bool,
    /// Calls in progress, such as streams that are read later.
    running: usize,
    on_end: Option<OnEnd>,
    on_late_cost: Option<OnLateCost>,
}

/// The total cost of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LedgerTotal {
    pub(crate) cost: NanoUsd,
    /// The cost that the calls may have beyond that.
    pub(crate) unexplained: NanoUsd,
    /// True if the cost of a call is not known.
    pub(crate) is_incomplete: bool,
}

/// Receives the total after the ledger was closed and all calls have ended.
type OnEnd = Box<dyn FnOnce(LedgerTotal) + Send>;

/// Receives costs that arrive after that.
type OnLateCost = Arc<dyn Fn(NanoUsd) + Send + Sync>;

impl Ledger {
    /// Creates the ledger of a reservation; nested ones that are paid from the same account pay once.
    pub(crate) fn of_account(account: u64) -> Self {
        Self { account: Some(account), ..Self::default() }
    }

    /// Adds a ledger for the calls inside of others: the innermost one of an account pays.
    pub(crate) fn nest(self: Arc<Self>, ledgers: &mut Vec<Arc<Self>>) {
        ledgers.retain(|outer| outer.account.is_none() || outer.account != self.account);
        ledgers.push(self);
    }

    pub(crate) fn begin_call(&self) {
        self.entries().running += 1;
    }

    /// Records the end of a call, after all of its costs.
    pub(crate) fn end_call(&self, basis: PriceBasis, was_not_sent: bool) {
        let mut entries = self.entries();
        entries.is_incomplete |= match basis {
            PriceBasis::NoUsage => !was_not_sent,
            PriceBasis::Unpriced => true,
            _ => false,
        };
        entries.running = entries.running.saturating_sub(1);
        if entries.running > 0 {
            return;
        }
        let (on_end, total) = (entries.on_end.take(), entries.total());
        drop(entries);
        if let Some(on_end) = on_end {
            on_end(total);
        }
    }

    /// Adds a cost, and how much more the call may have cost.
    pub(crate) fn add(&self, model: &ModelName, cost: NanoUsd, unexplained: NanoUsd) {
        let on_late_cost = {
            let mut entries = self.entries();
            let sum = entries.costs.entry(model.clone()).or_default();
            *sum = sum.saturating_add(cost);
            entries.unexplained = entries.unexplained.saturating_add(unexplained);
            // The total that a running call's end reports has this cost.
            entries.on_late_cost.clone().filter(|_| entries.on_end.is_none())
        };
        if let Some(on_late_cost) = on_late_cost {
            on_late_cost(cost);
        }
    }

    /// Returns the total cost of the calls priced so far.
    #[cfg(feature = "blocks")]
    pub(crate) fn total(&self) -> NanoUsd {
        self.entries().total().cost
    }

    /// Closes the ledger: `on_end` receives the total when all calls have ended, `on_late_cost` the costs after that.
    pub(crate) fn close(&self, on_end: OnEnd, on_late_cost: OnLateCost) {
        let mut entries = self.entries();
        entries.on_late_cost = Some(on_late_cost);
        if entries.running > 0 {
            entries.on_end = Some(on_end);
            return;
        }
        let total = entries.total();
        drop(entries);
        on_end(total);
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
        (!entries.is_incomplete && !entries.costs.is_empty()).then(|| entries.total().cost)
    }

    fn entries(&self) -> MutexGuard<'_, LedgerEntries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LedgerEntries {
    fn total(&self) -> LedgerTotal {
        let cost = self.costs.values().fold(NanoUsd(0), |sum, cost| sum.saturating_add(*cost));
        LedgerTotal { cost, unexplained: self.unexplained, is_incomplete: self.is_incomplete }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("costs", &self.entries().costs).finish_non_exhaustive()
    }
}
