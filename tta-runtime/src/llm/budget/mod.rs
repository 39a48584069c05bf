//! Budgets: limits on the cost of calls, enforced before a call starts.

mod account;
mod accounts;
mod estimate;
mod exceeded;
#[cfg(feature = "page")]
mod listing;
mod reservation;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use self::account::{Account, Terms};
use self::accounts::{AccountKey, Accounts};
pub use self::estimate::Estimate;
pub use self::exceeded::BudgetExceeded;
#[cfg(feature = "page")]
pub(crate) use self::listing::{AccountReading, accounts};
pub use self::reservation::Reservation;
use crate::clock::{Monotonic, nanoseconds};
use crate::context::frame::with_current;
use crate::host_log::catch_panic;
use crate::model::{DECODING, NanoUsd};
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::text;
use crate::workflow_attributes::WorkflowAttributes;

/// A limit on the cost of calls, in total or per period.
///
/// Before a call starts, [`reserve`](Self::reserve) reserves the most that it may cost, or refuses it with
/// [`BudgetExceeded`]. After the call, the actual cost is spent and the rest of the reservation is given back. Concurrent calls
/// therefore stay within the limit together, as long as none costs more than it reserved.
///
/// A clone is a handle to the same budget. Keep the budget of a whole program in a static, such as a
/// [`LazyLock`](std::sync::LazyLock). The gauge `tta_budget_remaining_usd` shows the amount left to reserve, and
/// `tta_budget_unspent_usd` the amount that is not spent.
///
/// The costs come from annotated functions that run inside the reservation. If recording is switched off, only costs passed
/// to [`Reservation::settle`] count.
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

/// The calls that share a [`Budget`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetScope {
    /// All calls of the process.
    #[default]
    Process,
    /// Each run of a workflow, by its workflow id, has the whole amount; calls outside of workflows share one amount.
    Workflow,
    /// Each agent, by its agent id or else by its type, has the whole amount; calls outside of agents share one amount.
    Agent,
}

/// The default soft limit, as a share of the limit.
const SOFT_SHARE: f64 = 0.8;

impl Budget {
    /// Creates a budget of this many US dollars, for the whole life of the process unless [`per`](Self::per) sets a period.
    ///
    /// An amount of zero or less, or NaN, refuses every call that is not free.
    pub fn usd(limit: f64) -> Self {
        // Start to decode the prices now, so that the first reservation need not wait.
        DECODING.prepare();
        let limit = NanoUsd::from_usd(limit).unwrap_or_default();
        let terms = Terms { limit: limit.0, soft: share(limit, SOFT_SHARE), period: None };
        Self { name: "default".into(), terms, scope: BudgetScope::default(), accounts: Arc::default() }
    }

    /// Sets the name, which is the label `budget` of the metrics; `default` if unset. Truncated to 256 bytes.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        self.name = match text::clean(&name, text::LONGEST_LABEL) {
            Cow::Borrowed(clean) if clean.len() == name.len() => name,
            clean => clean.into_owned().into(),
        };
        self
    }

    /// Resets the amount in each period; the first period begins with the first reservation.
    pub fn per(mut self, period: Duration) -> Self {
        self.terms.period = Some(nanoseconds(period).max(1));
        self
    }

    /// Sets which calls share the amount; [`BudgetScope::Process`] by default.
    ///
    /// The budget tracks the 10,000 workflows or agents that called last.
    pub fn scope(mut self, scope: BudgetScope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the soft limit, as a share of the limit from 0 to 1; 0.8 by default.
    ///
    /// When the soft limit is reached, a warning is logged and `tta_budget_soft_limit_reached_total` is incremented, once per
    /// period. No call is refused.
    pub fn soft(mut self, share_of_limit: f64) -> Self {
        self.terms.soft = share(NanoUsd(self.terms.limit), share_of_limit);
        self
    }

    /// Reserves the most that a call may cost. Call it before the call starts.
    ///
    /// The first reservation may block for about 50 ms while the bundled prices are decoded, unless the telemetry was started
    /// before.
    ///
    /// # Errors
    ///
    /// Returns [`BudgetExceeded`] if less than the estimate is left.
    pub fn reserve(&self, estimate: &Estimate) -> Result<Reservation, BudgetExceeded> {
        let most = estimate.most(&DECODING.wait());
        let (recorder, key) = self.account();
        let now = recorder.clock.now();
        let reserved = self
            .accounts
            .with(&key, &self.terms, now, |account| account.reserve(most.map(|most| most.0), now, &self.terms));
        self.declare_metrics(recorder);
        match reserved {
            Ok(nanos) => Ok(Reservation::new(self.clone(), recorder, key, nanos)),
            Err(shortfall) => {
                recorder.add(Id::BudgetRefusals, &[&self.name], 1);
                Err(BudgetExceeded {
                    budget: self.name.clone(),
                    limit: NanoUsd(self.terms.limit),
                    spent: NanoUsd(shortfall.spent),
                    reserved: NanoUsd(shortfall.reserved),
                    resets_in: shortfall.resets_in,
                })
            }
        }
    }

    /// Returns the name of the budget.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the amount that the current process, workflow or agent has left to reserve: the limit minus the amounts spent
    /// and reserved.
    #[must_use]
    pub fn remaining(&self) -> NanoUsd {
        let (recorder, key) = self.account();
        let now = recorder.clock.now();
        NanoUsd(self.accounts.with(&key, &self.terms, now, |account| account.left(now, &self.terms)))
    }

    /// Replaces a reservation with the actual cost.
    fn settle(&self, recorder: &'static Recorder, key: &AccountKey, reserved: u64, cost: NanoUsd) {
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

    /// Counts an amount that was spent since a cost is not known.
    fn count_estimated(&self, recorder: &'static Recorder, amount: NanoUsd) {
        if amount > NanoUsd(0) {
            recorder.add(Id::BudgetEstimated, &[&self.name], amount.0);
        }
    }

    /// Returns a number that tells the account from all others of the process.
    fn account_id(&self, key: &AccountKey) -> u64 {
        let mut hasher = DefaultHasher::new();
        (Arc::as_ptr(&self.accounts).addr(), key).hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the recorder of the current task, and the account that it spends from.
    fn account(&self) -> (&'static Recorder, AccountKey) {
        with_current(|frame| {
            let of = |attribute: fn(&WorkflowAttributes) -> Option<&Arc<str>>| {
                frame.workflow.as_deref().and_then(attribute).cloned()
            };
            let owner = match self.scope {
                BudgetScope::Process => None,
                BudgetScope::Workflow => of(|workflow| workflow.workflow_id.as_ref()),
                BudgetScope::Agent => of(|workflow| workflow.agent_id.as_ref().or(workflow.agent_type.as_ref())),
            };
            (frame.recorder, AccountKey::new(frame.recorder, owner))
        })
        .unwrap_or_else(|| (&GLOBAL, AccountKey::new(&GLOBAL, None)))
    }

    /// Adds the budget to the recorder's metrics, on the first reservation.
    fn declare_metrics(&self, recorder: &'static Recorder) {
        if !self.accounts.is_first_of(recorder) {
            return;
        }
        #[cfg(feature = "page")]
        listing::add(self.name.clone(), self.scope, self.terms, &self.accounts);
        recorder.declare(Id::BudgetRefusals, &[&self.name]);
        recorder.declare(Id::BudgetSoftLimits, &[&self.name]);
        recorder.declare(Id::BudgetEstimated, &[&self.name]);
        self.add_level(recorder, Id::BudgetRemaining, Account::left);
        self.add_level(recorder, Id::BudgetUnspent, Account::unspent);
    }

    /// Adds a gauge of the account that has the least.
    fn add_level(&self, recorder: &'static Recorder, id: Id, of: fn(&Account, Monotonic, &Terms) -> u64) {
        let (accounts, terms) = (Arc::downgrade(&self.accounts), self.terms);
        recorder.add_level(id, &self.name, move |now| {
            Some(accounts.upgrade()?.least(recorder, &terms, |account| of(account, now, &terms)))
        });
    }
}

/// Returns a share of an amount, in nano-dollars.
fn share(of: NanoUsd, share: f64) -> u64 {
    (of.0 as f64 * share.clamp(0.0, 1.0)) as u64
}

#[cfg(all(test, feature = "testing"))]
mod tests;
