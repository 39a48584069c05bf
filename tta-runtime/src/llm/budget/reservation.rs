//! The reservation of one call in a budget, made by [`Budget::reserve`]: the scope of its calls, and its settlement.

use std::future::Future;
use std::sync::Arc;

use super::Budget;
use super::accounts::AccountKey;
use crate::context::WorkflowContext;
use crate::model::{Ledger, NanoUsd};
use crate::recorder::Recorder;

/// An amount reserved in a [`Budget`]. On drop, the actual cost is spent and the rest is given back.
///
/// Annotated functions inside [`scope`](Self::scope) and [`run`](Self::run) report their cost themselves, even if they fail or
/// are cancelled. For a model call without an annotated function, pass the cost to [`settle`](Self::settle).
#[derive(Debug)]
#[must_use = "dropping it gives the reserved amount back"]
pub struct Reservation {
    budget: Budget,
    recorder: &'static Recorder,
    key: AccountKey,
    reserved: u64,
    ledger: Arc<Ledger>,
    /// The cost passed to `settle`.
    settled: NanoUsd,
}

impl Reservation {
    pub(super) fn new(budget: Budget, recorder: &'static Recorder, key: AccountKey, reserved: u64) -> Self {
        Self { budget, recorder, key, reserved, ledger: Arc::default(), settled: NanoUsd(0) }
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
        self.settled = cost;
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
        // A stream that was opened in this scope reports its cost later, when it is read.
        let late = move |cost| budget.settle(recorder, &key, 0, cost);
        let cost = self.ledger.close(Arc::new(late)).saturating_add(self.settled);
        self.budget.settle(self.recorder, &self.key, self.reserved, cost);
    }
}
