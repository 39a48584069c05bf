//! The reservation of one call in a budget, made by [`Budget::reserve`]: the scope of its calls, and its settlement.

use std::future::Future;
use std::sync::Arc;

use super::amount::BudgetAmount;
use super::{Budget, Source};
use crate::context::WorkflowContext;
use crate::model::{LateUse, Ledger, LedgerTotal};
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
    source: Source,
    reserved: u64,
    ledger: Arc<Ledger>,
    /// The amount passed to `settle`.
    settled: Option<BudgetAmount>,
}

impl Reservation {
    pub(super) fn new(budget: Budget, recorder: &'static Recorder, source: Source, reserved: u64) -> Self {
        let ledger = Arc::new(Ledger::of_account(budget.account_id(&source)));
        Self { budget, recorder, source, reserved, ledger, settled: None }
    }

    /// Returns the reserved amount.
    #[must_use]
    pub fn amount(&self) -> BudgetAmount {
        self.budget.unit.amount(self.reserved)
    }

    /// Runs a future whose calls are paid from this reservation.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        self.context().scope(work).await
    }

    /// Runs a closure whose calls are paid from this reservation.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        self.context().run(work)
    }

    /// Settles the reservation with what a call spent, such as a cost from [`llm::price`](crate::llm::price) or from the
    /// provider.
    ///
    /// An amount in another unit than the budget's says nothing about it: the whole reservation is spent.
    pub fn settle(mut self, spent: impl Into<BudgetAmount>) {
        self.settled = Some(spent.into());
    }

    /// Returns the ledger that sums up the cost of the calls.
    #[cfg(feature = "blocks")]
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Returns what the calls have spent so far, as far as it is known.
    #[cfg(feature = "blocks")]
    pub(crate) fn spent(&self) -> BudgetAmount {
        self.budget.unit.amount(self.budget.unit.counted(&self.ledger.totals()))
    }

    fn context(&self) -> WorkflowContext {
        WorkflowContext::current().with_ledger(Arc::clone(&self.ledger))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let (budget, recorder, source) = (self.budget.clone(), self.recorder, self.source.clone());
        let (reserved, settled) = (self.reserved, self.settled);
        let on_end = move |total: LedgerTotal| {
            let spent = budget.unit.spent(&total, settled, reserved);
            budget.settle(recorder, &source, reserved, spent.amount);
            budget.count_estimated(recorder, spent.estimated);
        };
        let (budget, source) = (self.budget.clone(), self.source.clone());
        let late = move |late: LateUse| budget.settle(recorder, &source, 0, budget.unit.late(late.cost, late.tokens));
        self.ledger.close(Box::new(on_end), Arc::new(late));
    }
}
