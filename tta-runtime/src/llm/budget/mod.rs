//! Budgets: what calls may cost in a period, held before a call starts.

mod account;
mod accounts;
mod estimate;
mod exceeded;
mod reservation;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use self::account::Terms;
use self::accounts::{Accounts, Key};
pub use self::estimate::Estimate;
pub use self::exceeded::BudgetExceeded;
pub use self::reservation::Reservation;
use crate::clock::nanoseconds;
use crate::context::frame::with_current;
use crate::host_log::catch_panic;
use crate::model::{DECODING, NanoUsd};
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::text;
use crate::workflow_attributes::WorkflowAttributes;

/// What calls may cost in a period.
///
/// Before a call starts, the most that it may cost is reserved; a call that finds too little left is refused with
/// [`BudgetExceeded`]. After the call what it really cost is spent, and the rest is given back. So calls that run at the
/// same time stay within the limit together, as long as none costs more than was reserved for it.
///
/// A clone is the same budget. A budget that is to hold for the whole program stands in a static, such as a
/// [`LazyLock`](std::sync::LazyLock). What is left is the gauge `tta_budget_remaining_usd`.
///
/// Costs come from the calls of annotated functions inside; where recording is switched off, only what
/// [`Reservation::settle`] is told counts.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::llm::{Budget, Estimate, NanoUsd, Usage};
/// use tta_runtime::primitive;
///
/// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
/// async fn answer(question: &str) -> Usage {
///     Usage::new(1_000, 200)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let budget = Budget::usd(0.001).named("assistant").per(Duration::from_secs(3_600));
/// let estimate = Estimate::tokens("openai", "gpt-4o-mini", 1_500).max_output_tokens(500);
/// let reservation = budget.reserve(&estimate).unwrap();
/// reservation.scope(answer("Where is Bergen?")).await;
/// assert_eq!(budget.remaining(), NanoUsd(730_000));
///
/// let refused = budget.reserve(&Estimate::usd(0.01)).unwrap_err();
/// assert_eq!((refused.limit, refused.spent), (NanoUsd(1_000_000), NanoUsd(270_000)));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a budget holds the calls that reserve from it"]
pub struct Budget {
    name: Cow<'static, str>,
    terms: Terms,
    scope: BudgetScope,
    accounts: Arc<Accounts>,
}

/// Who shares a [`Budget`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetScope {
    /// All calls of the process.
    #[default]
    Process,
    /// Each run of a workflow has the whole amount for itself, by its workflow id; all that runs in no workflow is one.
    Workflow,
    /// Each agent has the whole amount for itself, by its agent id, or by its type where it has none.
    Agent,
}

/// A budget's soft limit, as a share of its limit, where none is set.
const SOFT_SHARE: f64 = 0.8;

impl Budget {
    /// Makes a budget of this many US dollars, for the whole life of the process; an amount that is not above 0 refuses
    /// every call that costs something.
    pub fn usd(limit: f64) -> Self {
        // What is decoded by the first reservation is not waited for there.
        DECODING.prepare();
        let limit = NanoUsd::from_usd(limit).unwrap_or_default();
        let terms = Terms { limit: limit.0, soft: share(limit, SOFT_SHARE), period: None };
        Self { name: "default".into(), terms, scope: BudgetScope::default(), accounts: Arc::default() }
    }

    /// Names the budget, `default` where nobody does: the label `budget` of its metrics, cut to 256 bytes.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        self.name = match text::clean(&name, text::LONGEST_LABEL) {
            Cow::Borrowed(clean) if clean.len() == name.len() => name,
            clean => clean.into_owned().into(),
        };
        self
    }

    /// Gives the amount anew in each period; the first one begins with the first reservation.
    pub fn per(mut self, period: Duration) -> Self {
        self.terms.period = Some(nanoseconds(period).max(1));
        self
    }

    /// Sets who shares the amount.
    ///
    /// Of workflows and agents, the 10,000 whose calls came last are remembered.
    pub fn scope(mut self, scope: BudgetScope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the share of the limit, from 0 to 1, that is logged and counted when it is spent; 0.8 where none is set.
    pub fn soft(mut self, share_of_limit: f64) -> Self {
        self.terms.soft = share(NanoUsd(self.terms.limit), share_of_limit);
        self
    }

    /// Reserves the most that a call may cost; to be done before the call starts.
    ///
    /// The first reservation in a process that was not started may wait some 50 ms for the prices to be decoded.
    ///
    /// # Errors
    ///
    /// Less than that is left.
    pub fn reserve(&self, estimate: &Estimate) -> Result<Reservation, BudgetExceeded> {
        let most = estimate.most(&DECODING.wait());
        let (recorder, key) = self.place();
        let now = recorder.clock.now();
        let reserved = self
            .accounts
            .with(&key, &self.terms, now, |account| account.reserve(most.map(|most| most.0), now, &self.terms));
        self.show(recorder);
        match reserved {
            Ok(nanos) => Ok(Reservation::new(self.clone(), recorder, key, nanos)),
            Err(refusal) => {
                recorder.add(Id::BudgetRefusals, &[&self.name], 1);
                Err(BudgetExceeded {
                    budget: self.name.clone(),
                    limit: NanoUsd(self.terms.limit),
                    spent: NanoUsd(refusal.spent),
                    reserved: NanoUsd(refusal.reserved),
                    resets_in: refusal.resets_in,
                })
            }
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the current workflow, agent or process has left to reserve: the limit without what is spent and
    /// what running calls have reserved.
    #[must_use]
    pub fn remaining(&self) -> NanoUsd {
        let (recorder, key) = self.place();
        let now = recorder.clock.now();
        NanoUsd(self.accounts.with(&key, &self.terms, now, |account| account.left(now, &self.terms)))
    }

    /// Spends what a call cost, in place of what was reserved for it.
    fn settle(&self, recorder: &'static Recorder, key: &Key, reserved: u64, cost: NanoUsd) {
        let now = recorder.clock.now();
        let reaches_soft =
            self.accounts.with(key, &self.terms, now, |account| account.settle(reserved, cost.0, now, &self.terms));
        if reaches_soft {
            recorder.add(Id::BudgetSoftLimits, &[&self.name], 1);
            let (budget, limit) = (&*self.name, NanoUsd(self.terms.limit));
            catch_panic(
                || tracing::warn!(target: "tta::telemetry", budget, %limit, "the budget has reached its soft limit"),
            );
        }
    }

    /// Returns where the current work records, and whose money it spends.
    fn place(&self) -> (&'static Recorder, Key) {
        with_current(|frame| {
            let of =
                |fact: fn(&WorkflowAttributes) -> Option<&Arc<str>>| frame.workflow.as_deref().and_then(fact).cloned();
            let owner = match self.scope {
                BudgetScope::Process => None,
                BudgetScope::Workflow => of(|workflow| workflow.workflow_id.as_ref()),
                BudgetScope::Agent => of(|workflow| workflow.agent_id.as_ref().or(workflow.agent_type.as_ref())),
            };
            (frame.recorder, Key::new(frame.recorder, owner))
        })
        .unwrap_or_else(|| (&GLOBAL, Key::new(&GLOBAL, None)))
    }

    /// Shows what is left in the recorder's metrics, from the first reservation on.
    fn show(&self, recorder: &'static Recorder) {
        if !self.accounts.is_first_of(recorder) {
            return;
        }
        recorder.declare(Id::BudgetRefusals, &[&self.name]);
        recorder.declare(Id::BudgetSoftLimits, &[&self.name]);
        let (accounts, terms) = (Arc::downgrade(&self.accounts), self.terms);
        recorder.levels.add(Id::BudgetRemaining, &self.name, move |now| {
            Some(accounts.upgrade()?.least_left(recorder, now, &terms))
        });
    }
}

/// Returns a share of an amount.
fn share(of: NanoUsd, share: f64) -> u64 {
    (of.0 as f64 * share.clamp(0.0, 1.0)) as u64
}

#[cfg(all(test, feature = "testing"))]
mod tests;
