//! What one call has reserved of a budget.

use std::future::Future;
use std::sync::Arc;

use super::Budget;
use super::accounts::Key;
use crate::context::WorkflowContext;
use crate::model::{Ledger, NanoUsd};
use crate::recorder::Recorder;

/// What a call has reserved of a [`Budget`]; when it goes, what the call cost is spent and the rest is given back.
///
/// The calls of annotated functions inside [`scope`](Self::scope) and [`run`](Self::run) say themselves what they cost,
/// also where they fail or are cancelled. Whoever calls a model without such a function tells [`settle`](Self::settle).
#[derive(Debug)]
#[must_use = "what is reserved is given back when this goes"]
pub struct Reservation {
    budget: Budget,
    recorder: &'static Recorder,
    key: Key,
    reserved: u64,
    ledger: Arc<Ledger>,
    told: NanoUsd,
}

impl Reservation {
    pub(super) fn new(budget: Budget, recorder: &'static Recorder, key: Key, reserved: u64) -> Self {
        Self { budget, recorder, key, reserved, ledger: Arc::default(), told: NanoUsd(0) }
    }

    /// Returns how much is reserved.
    #[must_use]
    pub fn amount(&self) -> NanoUsd {
        NanoUsd(self.reserved)
    }

    /// Runs a future whose calls are paid from this.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        self.context().scope(work).await
    }

    /// Runs a closure whose calls are paid from this.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        self.context().run(work)
    }

    /// Spends what the call cost, as [`llm::price`](crate::llm::price) tells it or the provider says.
    pub fn settle(mut self, cost: NanoUsd) {
        self.told = cost;
    }

    /// Returns who adds up what calls cost.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "the layer for blocks alone asks"))]
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
        // A stream that was opened in here is paid for by whoever reads it, later.
        let late = move |cost| budget.settle(recorder, &key, 0, cost);
        let cost = self.ledger.close(Arc::new(late)).saturating_add(self.told);
        self.budget.settle(self.recorder, &self.key, self.reserved, cost);
    }
}
