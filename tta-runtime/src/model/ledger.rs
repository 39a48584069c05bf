//! A ledger: the cost and the tokens of the model calls in a piece of work.

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
    tokens: u64,
    /// Calls that ended and were sent.
    calls: u64,
    /// True after a call whose cost is not known.
    is_incomplete: bool,
    /// True after a call without usage.
    is_silent: bool,
    /// Calls in progress, such as streams that are read later.
    running: usize,
    on_end: Option<OnEnd>,
    on_late_use: Option<OnLateUse>,
}

/// The totals of the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LedgerTotal {
    pub(crate) cost: NanoUsd,
    /// The cost that the calls may have beyond that.
    pub(crate) unexplained: NanoUsd,
    pub(crate) tokens: u64,
    /// The number of calls that were sent.
    pub(crate) calls: u64,
    /// True if the cost of a call is not known.
    pub(crate) is_incomplete: bool,
    /// True if the tokens of a call are not known.
    pub(crate) is_silent: bool,
}

/// Cost and tokens that arrive after the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LateUse {
    pub(crate) cost: NanoUsd,
    pub(crate) tokens: u64,
}

/// Receives the total after the ledger was closed and all calls have ended.
type OnEnd = Box<dyn FnOnce(LedgerTotal) + Send>;

/// Receives what arrives after that.
type OnLateUse = Arc<dyn Fn(LateUse) + Send + Sync>;

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
        entries.is_silent |= basis == PriceBasis::NoUsage && !was_not_sent;
        entries.calls = entries.calls.saturating_add(u64::from(!was_not_sent));
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
        let mut entries = self.entries();
        let sum = entries.costs.entry(model.clone()).or_default();
        *sum = sum.saturating_add(cost);
        entries.unexplained = entries.unexplained.saturating_add(unexplained);
        report_late(entries, LateUse { cost, tokens: 0 });
    }

    /// Adds the tokens of a call.
    pub(crate) fn add_tokens(&self, tokens: u64) {
        let mut entries = self.entries();
        entries.tokens = entries.tokens.saturating_add(tokens);
        report_late(entries, LateUse { cost: NanoUsd(0), tokens });
    }

    /// Returns the totals of the calls that reported so far.
    #[cfg(feature = "blocks")]
    pub(crate) fn totals(&self) -> LedgerTotal {
        self.entries().total()
    }

    /// Closes the ledger: `on_end` receives the total when all calls have ended, `on_late_use` what arrives after that.
    pub(crate) fn close(&self, on_end: OnEnd, on_late_use: OnLateUse) {
        let mut entries = self.entries();
        entries.on_late_use = Some(on_late_use);
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

/// Reports what arrives after the end, without the lock.
fn report_late(entries: MutexGuard<'_, LedgerEntries>, late: LateUse) {
    // The total that a running call's end reports has it.
    let on_late_use = entries.on_late_use.clone().filter(|_| entries.on_end.is_none());
    drop(entries);
    if let Some(on_late_use) = on_late_use {
        on_late_use(late);
    }
}

impl LedgerEntries {
    fn total(&self) -> LedgerTotal {
        let cost = self.costs.values().fold(NanoUsd(0), |sum, cost| sum.saturating_add(*cost));
        let Self { unexplained, tokens, calls, is_incomplete, is_silent, .. } = *self;
        LedgerTotal { cost, unexplained, tokens, calls, is_incomplete, is_silent }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("costs", &self.entries().costs).finish_non_exhaustive()
    }
}
