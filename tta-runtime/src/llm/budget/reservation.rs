//! The reservation of one call in a budget, made by [`Budget::reserve`]: the scope of its calls, and its settlement.

use std::future::Future;
use std::sync::Arc;

use super::Budget;
use super::accounts::AccountKey;
use crate::context::WorkflowContext;
use crate::model::{Ledger, LedgerTotal, NanoUsd};
use crate::recorder::Recorder;

/// An amount reserved in a [`Budget`]. On drop, the actual cost is spent and the rest is given back.
///
/// Annotated functions inside [`scope`](Self::scope) and [`run`](Self::run) report their cost themselves, even if they fail or
/// are cancelled. For a model call without an annotated function, pass the cost to [`settle`](Self::settle).
///
/// If a call ended and its cost is not known, the whole amount is spent: the model has no price, a stream was dropped before it
/// reported its usage, a call timed out. `tta_budget_estimated_usd_total` counts it. A call that failed before it was sent
/// says so with [`llm::not_sent`](crate::llm::not_sent). While a stream that was opened inside is read, the amount stays
/// reserved.
///
/// Of reservations inside of each other in one account, the innermost one pays.
#[derive(Debug)]
#[must_use = "dropping it gives the reserved amount back"]
pub struct Reservation {
    budget: Budget,
    recorder: &'static Recorder,
    key: AccountKey,
    reserved: u64,
    ledger: Arc<Ledger>,
    /// The cost passed to `settle`.
    settled: Option<NanoUsd>,
}

impl Reservation {
    pub(super) fn new(budget: Budget, recorder: &'static Recorder, key: AccountKey, reserved: u64) -> Self {
        let ledger = Arc::new(Ledger::of_account(budget.account_id(&key)));
        Self { budget, recorder, key, reserved, ledger, settled: None }
    }

    /// Returns the reserved amount.
    #[must_use]
    pub fn amount(&self) -> NanoUsd {
        NanoUsd(self.reserved)
    }

    /// Runs a future whose calls are paid from this reservation.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        self.context().scope(work).await
    }

    /// Runs a closure whose calls are paid from this reservation.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        self.context().run(work)
    }

    /// Settles the reservation with the cost of a call, such as one from [`llm::price`](crate::llm::price) or from the provider.
    pub fn settle(mut self, cost: NanoUsd) {
        self.settled = Some(cost);
    }

    /// Returns the ledger that sums up the cost of the calls.
    #[cfg(feature = "blocks")]
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    fn context(&self) -> WorkflowContext {
        WorkflowContext::current().with_ledger(Arc::clone(&self.ledger))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let (budget, recorder, key) = (self.budget.clone(), self.recorder, self.key.clone());
        let (reserved, settled) = (self.reserved, self.settled);
        let on_end = move |total: LedgerTotal| {
            let known = total.cost.saturating_add(settled.unwrap_or_default());
            let most = known.saturating_add(total.unexplained);
            // A program that settles a call knows what it cost.
            let is_unknown = total.is_incomplete && settled.is_none();
            let spent = if is_unknown { most.max(NanoUsd(reserved)) } else { most };
            budget.settle(recorder, &key, reserved, spent);
            budget.count_estimated(recorder, NanoUsd(spent.0.saturating_sub(known.0)));
        };
        let (budget, key) = (self.budget.clone(), self.key.clone());
        let late = move |cost| budget.settle(recorder, &key, 0, cost);
        self.ledger.close(Box::new(on_end), Arc::new(late));
    }
}
