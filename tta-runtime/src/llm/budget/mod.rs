//! Budgets: limits on what calls spend, enforced before a call starts.

mod account;
#[cfg(feature = "page")]
mod account_reading;
mod accounts;
mod amount;
mod estimate;
mod exceeded;
#[cfg(feature = "page")]
mod least_left;
#[cfg(feature = "page")]
mod listing;
mod reservation;
#[cfg(feature = "redis")]
mod shared;
#[cfg(not(feature = "redis"))]
#[path = "unshared.rs"]
mod shared;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use self::account::{Account, Terms};
#[cfg(feature = "page")]
pub(crate) use self::account_reading::AccountReading;
use self::accounts::{AccountKey, Accounts};
pub use self::amount::BudgetAmount;
pub(crate) use self::amount::BudgetUnit;
pub use self::estimate::Estimate;
use self::exceeded::Refusal;
pub use self::exceeded::{BudgetExceeded, BudgetRefusal};
#[cfg(feature = "page")]
pub(crate) use self::least_left::AccountListing;
#[cfg(feature = "page")]
pub(crate) use self::listing::accounts;
#[cfg(feature = "page")]
use self::listing::{Listed, ListedAccounts};
pub use self::reservation::Reservation;
#[cfg(feature = "redis")]
pub use self::shared::Sharing;
#[cfg(feature = "redis")]
pub(crate) use self::shared::give_all_back;
use self::shared::{Shared, SharedPlace};
use crate::clock::{Monotonic, nanoseconds};
use crate::context::frame::with_current;
use crate::host_log::catch_panic;
use crate::label::top::top;
use crate::model::{DECODING, NanoUsd};
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::text;
use crate::workflow_attributes::WorkflowAttributes;
use crate::workflow_id::WorkflowId;

/// A limit on what calls spend, in total or per period: money, tokens or requests.
///
/// Before a call starts, [`reserve`](Self::reserve) reserves the most that it may spend, or refuses it with
/// [`BudgetExceeded`]. After the call, the actual amount is spent and the rest of the reservation is given back. Concurrent calls
/// therefore stay within the limit together, as long as none spends more than it reserved. With the feature `redis`, the
/// processes of a fleet can share a budget (`shared`).
///
/// A clone is a handle to the same budget. Keep the budget of a whole program in a static, such as a
/// [`LazyLock`](std::sync::LazyLock). The gauge `tta_budget_remaining_usd` shows the amount left to reserve, and
/// `tta_budget_unspent_usd` the amount that is not spent; `tta_budget_remaining_tokens` and `tta_budget_remaining_requests` are
/// those of the other units.
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
/// assert_eq!(refused.limit, NanoUsd(1_000_000));
/// assert_eq!(refused.spent, NanoUsd(270_000));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a budget holds the calls that reserve from it"]
pub struct Budget {
    name: Cow<'static, str>,
    unit: BudgetUnit,
    terms: Terms,
    scope: BudgetScope,
    accounts: Arc<Accounts>,
    shared: Option<Shared>,
}

/// The account that a reservation was made in.
#[derive(Clone, Debug)]
enum Source {
    Own(AccountKey),
    Shared(SharedPlace),
}

/// The names and numbers of a budget that its shared accounts are opened with.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "shared accounts are opened"))]
struct Opening<'a> {
    budget: &'a str,
    unit: BudgetUnit,
    scope: BudgetScope,
    terms: &'a Terms,
    recorder: &'static Recorder,
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
    /// Each tenant, by [`WorkflowContext::with_tenant`](crate::WorkflowContext::with_tenant), has the whole amount; calls without a
    /// tenant share one amount.
    Tenant,
}

impl BudgetScope {
    /// Returns the name of those who have an amount each.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Workflow => "workflow",
            Self::Agent => "agent",
            Self::Tenant => "tenant",
        }
    }

    /// Returns the most accounts that a process keeps of a budget that is not shared.
    fn most_accounts(self) -> usize {
        match self {
            // Runs end, so that the accounts of most are never used again.
            Self::Process | Self::Workflow | Self::Agent => 10_000,
            Self::Tenant => 100_000,
        }
    }
}

/// The number of tenants whose refused calls have a series each.
const TENANTS: usize = 20;

/// The default soft limit, as a share of the limit.
const SOFT_SHARE: f64 = 0.8;

impl Budget {
    /// Creates a budget of this many US dollars, for the whole life of the process unless [`per`](Self::per) sets a period.
    ///
    /// An amount of zero or less, or NaN, refuses every call that is not free.
    pub fn usd(limit: f64) -> Self {
        // Start to decode the prices now, so that the first reservation need not wait.
        DECODING.prepare();
        Self::of(BudgetUnit::NanoUsd, NanoUsd::from_usd(limit).unwrap_or_default().0)
    }

    /// Creates a budget of this many tokens, input and output together, such as the limit that a provider sets per minute.
    ///
    /// A call reserves the tokens of [`Estimate::tokens`] and the most that it may return; of any other estimate, all that
    /// is left. It spends the tokens that it reports.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tta_runtime::llm::{Budget, BudgetAmount, Estimate};
    ///
    /// let budget = Budget::tokens(2_000).named("tokens a minute").per(Duration::from_secs(60));
    /// let estimate = Estimate::tokens("openai", "gpt-4o", 1_500).max_output_tokens(400);
    /// let reservation = budget.reserve(&estimate).unwrap();
    /// assert!(budget.reserve(&estimate).is_err());
    /// reservation.settle(BudgetAmount::Tokens(1_600));
    /// assert_eq!(budget.remaining(), BudgetAmount::Tokens(400));
    /// ```
    pub fn tokens(limit: u64) -> Self {
        Self::of(BudgetUnit::Tokens, limit)
    }

    /// Creates a budget of this many calls to models, such as the limit that a provider sets per minute.
    ///
    /// A call reserves the number of [`Estimate::requests`], and spends as many as were sent.
    ///
    /// ```
    /// use tta_runtime::llm::{Budget, BudgetAmount, Estimate};
    ///
    /// let budget = Budget::requests(1).named("one call");
    /// budget.reserve(&Estimate::usd(0.01)).unwrap().settle(BudgetAmount::Requests(1));
    /// let refused = budget.reserve(&Estimate::usd(0.01)).unwrap_err();
    /// assert_eq!(refused.to_string(), "the budget `one call` has too little left: 1 requests of 1 requests is spent; it does not reset");
    /// ```
    pub fn requests(limit: u64) -> Self {
        Self::of(BudgetUnit::Requests, limit)
    }

    fn of(unit: BudgetUnit, limit: u64) -> Self {
        let terms = Terms { limit, soft: share(limit, SOFT_SHARE), period: None };
        Self {
            name: "default".into(),
            unit,
            terms,
            scope: BudgetScope::default(),
            accounts: Accounts::new(BudgetScope::default().most_accounts()),
            shared: None,
        }
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

    /// Resets the amount in each period; the first period begins with the first reservation, unless the budget is shared.
    pub fn per(mut self, period: Duration) -> Self {
        self.terms.period = Some(nanoseconds(period).max(1));
        self
    }

    /// Sets which calls share the amount; [`BudgetScope::Process`] by default.
    ///
    /// The process tracks the 10,000 workflows or agents, or the 100,000 tenants, that called last; one that comes back after others took
    /// its place has the whole amount again. A shared budget has no such limit: what each has spent stays in Redis.
    ///
    /// ```
    /// use tta_runtime::WorkflowContext;
    /// use tta_runtime::llm::{Budget, BudgetScope, Estimate, NanoUsd};
    ///
    /// let budget = Budget::usd(1.0).named("assistants").scope(BudgetScope::Tenant);
    /// let spend = |tenant: &str| {
    ///     let context = WorkflowContext::new().with_tenant(tenant);
    ///     context.run(|| budget.reserve(&Estimate::usd(0.6)).map(|reservation| reservation.settle(NanoUsd(600_000_000))))
    /// };
    /// assert!(spend("blue").is_ok() && spend("red").is_ok());
    /// assert_eq!(spend("blue").unwrap_err().owner.as_deref(), Some("blue"));
    /// ```
    pub fn scope(mut self, scope: BudgetScope) -> Self {
        self.scope = scope;
        self.accounts = Accounts::new(scope.most_accounts());
        self
    }

    /// Sets the soft limit, as a share of the limit from 0 to 1; 0.8 by default.
    ///
    /// When the soft limit is reached, a warning is logged and `tta_budget_soft_limit_reached_total` is incremented, once per
    /// period. No call is refused.
    pub fn soft(mut self, share_of_limit: f64) -> Self {
        self.terms.soft = share(self.terms.limit, share_of_limit);
        self
    }

    /// Reserves the most that a call may spend. Call it before the call starts.
    ///
    /// The first reservation may block for about 50 ms while the bundled prices are decoded, unless the telemetry was started
    /// before. A shared budget blocks the thread up to the time limit of its Redis when the process's lease is used up, which
    /// is less than one call in twenty: use [`reserve_async`](Self::reserve_async) in asynchronous code.
    ///
    /// # Errors
    ///
    /// Returns [`BudgetExceeded`] if less than the estimate is left.
    pub fn reserve(&self, estimate: &Estimate) -> Result<Reservation, BudgetExceeded> {
        let most = self.most(estimate);
        let (recorder, owner) = self.owner();
        let reserved = match &self.shared {
            None => self.reserve_own(recorder, owner.clone(), most),
            Some(shared) => {
                let reserved = shared.reserve(self.opening(recorder), owner.clone(), most);
                reserved.map(|(place, amount)| (Source::Shared(place), amount))
            }
        };
        self.reservation(recorder, owner, reserved)
    }

    /// Reserves the most that a call may spend, like [`reserve`](Self::reserve), without blocking the thread.
    ///
    /// Runs on any executor. A budget that is not shared is ready at once, unless the prices are not decoded yet.
    ///
    /// ```
    /// use tta_runtime::llm::{Budget, Estimate, NanoUsd};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let budget = Budget::usd(0.05);
    /// let reservation = budget.reserve_async(&Estimate::usd(0.02)).await.unwrap();
    /// assert_eq!(budget.remaining(), NanoUsd(30_000_000));
    /// # drop(reservation);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`BudgetExceeded`] if less than the estimate is left.
    pub async fn reserve_async(&self, estimate: &Estimate) -> Result<Reservation, BudgetExceeded> {
        if self.unit != BudgetUnit::Requests {
            DECODING.prices_decoded().await;
        }
        let most = self.most(estimate);
        let (recorder, owner) = self.owner();
        let reserved = match &self.shared {
            None => self.reserve_own(recorder, owner.clone(), most),
            Some(shared) => {
                let reserved = shared.reserve_async(self.opening(recorder), owner.clone(), most).await;
                reserved.map(|(place, amount)| (Source::Shared(place), amount))
            }
        };
        self.reservation(recorder, owner, reserved)
    }

    fn most(&self, estimate: &Estimate) -> Option<u64> {
        match self.unit {
            // The prices are not needed.
            BudgetUnit::Requests => Some(estimate.most_requests()),
            BudgetUnit::Tokens => estimate.most_tokens(|name| DECODING.wait().most_output_tokens(name)),
            BudgetUnit::NanoUsd => estimate.most_usd(&DECODING.wait()).map(|most| most.0),
        }
    }

    fn reserve_own(
        &self,
        recorder: &'static Recorder,
        owner: Option<Arc<str>>,
        most: Option<u64>,
    ) -> Result<(Source, u64), Refusal> {
        let (key, now) = (AccountKey::new(recorder, owner), recorder.clock.now());
        let reserved = self.accounts.with(&key, &self.terms, now, |account| account.reserve(most, now, &self.terms))?;
        Ok((Source::Own(key), reserved))
    }

    fn reservation(
        &self,
        recorder: &'static Recorder,
        owner: Option<Arc<str>>,
        reserved: Result<(Source, u64), Refusal>,
    ) -> Result<Reservation, BudgetExceeded> {
        self.declare_metrics(recorder);
        match reserved {
            Ok((source, amount)) => Ok(Reservation::new(self.clone(), recorder, source, amount)),
            Err(refusal) => {
                recorder.add(Id::BudgetRefusals, &[&self.name], 1);
                if let Some(tenant) = owner.as_deref().filter(|_| self.scope == BudgetScope::Tenant) {
                    let tenant = top("budget_refusals_by_tenant", TENANTS, tenant, 1);
                    recorder.add(Id::BudgetRefusalsByTenant, &[&self.name, tenant], 1);
                }
                Err(BudgetExceeded {
                    budget: self.name.clone(),
                    scope: self.scope,
                    owner,
                    limit: self.unit.amount(self.terms.limit),
                    spent: self.unit.amount(refusal.spent),
                    reserved: self.unit.amount(refusal.reserved),
                    resets_in: refusal.resets_in,
                    because: refusal.because,
                })
            }
        }
    }

    /// Returns the name of the budget.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the amount that the current process, workflow, agent or tenant has left to reserve: the limit minus the amounts spent
    /// and reserved. Of a shared budget it is the amount as of the last answer of Redis.
    #[must_use]
    pub fn remaining(&self) -> BudgetAmount {
        let (recorder, owner) = self.owner();
        let left = match &self.shared {
            None => {
                let (key, now) = (AccountKey::new(recorder, owner), recorder.clock.now());
                self.accounts.with(&key, &self.terms, now, |account| account.left(now, &self.terms))
            }
            Some(shared) => shared.left(self.opening(recorder), owner),
        };
        self.unit.amount(left)
    }

    /// Replaces a reservation with the actual amount.
    fn settle(&self, recorder: &'static Recorder, source: &Source, reserved: u64, spent: u64) {
        let key = match source {
            Source::Own(key) => key,
            Source::Shared(place) => return place.settle(reserved, spent),
        };
        let now = recorder.clock.now();
        let reaches_soft =
            self.accounts.with(key, &self.terms, now, |account| account.settle(reserved, spent, now, &self.terms));
        if reaches_soft {
            soft_limit_reached(recorder, &self.name, self.unit.amount(self.terms.limit));
        }
    }

    /// Counts money that was spent since a cost is not known.
    fn count_estimated(&self, recorder: &'static Recorder, amount: u64) {
        if amount > 0 && self.unit == BudgetUnit::NanoUsd {
            recorder.add(Id::BudgetEstimated, &[&self.name], amount);
        }
    }

    /// Returns a number that tells the account from all others of the process.
    fn account_id(&self, source: &Source) -> u64 {
        match source {
            Source::Own(key) => {
                let mut hasher = DefaultHasher::new();
                (Arc::as_ptr(&self.accounts).addr(), key).hash(&mut hasher);
                hasher.finish()
            }
            Source::Shared(place) => place.account_id(),
        }
    }

    fn opening(&self, recorder: &'static Recorder) -> Opening<'_> {
        Opening { budget: &self.name, unit: self.unit, scope: self.scope, terms: &self.terms, recorder }
    }

    /// Returns the recorder of the current task, and the owner of the account that it spends from.
    fn owner(&self) -> (&'static Recorder, Option<Arc<str>>) {
        with_current(|frame| {
            let of = |attribute: fn(&WorkflowAttributes) -> Option<&Arc<str>>| {
                frame.workflow.as_deref().and_then(attribute).cloned()
            };
            let owner = match self.scope {
                BudgetScope::Process => None,
                BudgetScope::Workflow => of(|workflow| workflow.workflow_id.as_ref().map(WorkflowId::text)),
                BudgetScope::Agent => of(|workflow| workflow.agent_id.as_ref().or(workflow.agent_type.as_ref())),
                BudgetScope::Tenant => of(|workflow| workflow.tenant.as_ref()),
            };
            (frame.recorder, owner)
        })
        .unwrap_or((&GLOBAL, None))
    }

    /// Adds the budget to the recorder's metrics, on the first reservation.
    fn declare_metrics(&self, recorder: &'static Recorder) {
        if !self.accounts.is_first_of(recorder) {
            return;
        }
        #[cfg(feature = "page")]
        listing::add(Listed {
            name: self.name.clone(),
            unit: self.unit,
            scope: self.scope,
            terms: self.terms,
            accounts: match &self.shared {
                None => ListedAccounts::Own(Arc::downgrade(&self.accounts)),
                Some(shared) => ListedAccounts::Shared(shared.listing(self.opening(recorder))),
            },
        });
        recorder.declare(Id::BudgetRefusals, &[&self.name]);
        recorder.declare(Id::BudgetSoftLimits, &[&self.name]);
        let (remaining, unspent) = match self.unit {
            BudgetUnit::NanoUsd => {
                recorder.declare(Id::BudgetEstimated, &[&self.name]);
                (Id::BudgetRemaining, Some(Id::BudgetUnspent))
            }
            BudgetUnit::Tokens => (Id::BudgetRemainingTokens, None),
            BudgetUnit::Requests => (Id::BudgetRemainingRequests, None),
        };
        if let Some(shared) = &self.shared {
            return shared.declare_metrics(self.opening(recorder), remaining, unspent);
        }
        if self.scope != BudgetScope::Process {
            let accounts = Arc::downgrade(&self.accounts);
            recorder.add_level(Id::BudgetAccounts, &self.name, move |_| {
                Some(i64::try_from(accounts.upgrade()?.count(recorder)).unwrap_or(i64::MAX))
            });
        }
        self.add_level(recorder, remaining, Account::left);
        if let Some(unspent) = unspent {
            self.add_level(recorder, unspent, Account::unspent);
        }
    }

    /// Adds a gauge of the account that has the least.
    fn add_level(&self, recorder: &'static Recorder, id: Id, of: fn(&Account, Monotonic, &Terms) -> u64) {
        let (accounts, terms) = (Arc::downgrade(&self.accounts), self.terms);
        recorder.add_level(id, &self.name, move |now| {
            Some(accounts.upgrade()?.least(recorder, &terms, |account| of(account, now, &terms)))
        });
    }
}

/// Counts and logs that a budget has reached its soft limit.
fn soft_limit_reached(recorder: &'static Recorder, budget: &str, limit: BudgetAmount) {
    recorder.add(Id::BudgetSoftLimits, &[budget], 1);
    catch_panic(|| tracing::warn!(target: "tta::telemetry", budget, %limit, "the budget has reached its soft limit"));
}

/// Returns a share of an amount.
fn share(of: u64, share: f64) -> u64 {
    (of as f64 * share.clamp(0.0, 1.0)) as u64
}

#[cfg(all(test, feature = "testing"))]
mod tests;
