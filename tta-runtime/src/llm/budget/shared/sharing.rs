//! How a budget is shared: over which Redis, and what a process may spend while Redis is away.

use std::time::{Duration, Instant};

use super::Shared;
use super::exchange::LARGEST;
use super::machine::SharedTerms;
use crate::clock::nanoseconds;
use crate::llm::budget::account::Terms;
use crate::llm::budget::{Budget, share};
use crate::redis::Redis;

/// The default of [`Sharing::lease`].
const DEFAULT_LEASE: Duration = Duration::from_secs(10);

/// The shortest lease: three renewals and the timeouts of Redis fit in.
const SHORTEST_LEASE: Duration = Duration::from_millis(300);

/// The longest lease.
const LONGEST_LEASE: Duration = Duration::from_secs(3_600);

/// How a [`Budget`] is shared between processes; see [`Budget::shared`].
///
/// A [`Redis`] alone is strict: `budget.shared(redis)`.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::Redis;
/// use tta_runtime::llm::{Budget, Sharing};
///
/// let redis = Redis::server("redis://127.0.0.1:6379").unwrap();
/// let sharing = Sharing::over(redis).degraded(0.02).lease(Duration::from_secs(5));
/// let budget = Budget::usd(50.0).named("assistants").per(Duration::from_secs(86_400)).shared(sharing);
/// assert_eq!(budget.name(), "assistants");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a budget is shared by `Budget::shared`"]
pub struct Sharing {
    redis: Redis,
    lease: Duration,
    degraded: f64,
}

impl Sharing {
    /// Shares a budget over a server or a cluster. While it is away, calls beyond the lease are refused.
    pub fn over(redis: Redis) -> Self {
        Self { redis, lease: DEFAULT_LEASE, degraded: 0.0 }
    }

    /// Lets each process spend this share of the limit, from 0 to 1, in each period while Redis is away; 0 by default, which
    /// is strict.
    ///
    /// The amount counts against the budget once Redis is back. The fleet can spend the share times the number of processes
    /// beyond the limit.
    pub fn degraded(mut self, share_of_limit: f64) -> Self {
        self.degraded = share_of_limit;
        self
    }

    /// Sets how long a process may use what it has leased without an answer of Redis, from 300 ms to an hour; 10 s by
    /// default. All processes should have the same.
    ///
    /// After a process was killed, it takes as long until its lease expires, and after Redis restarted or failed over, until it grants
    /// again. In a cluster it must be longer than `cluster-node-timeout`.
    pub fn lease(mut self, duration: Duration) -> Self {
        self.lease = duration.clamp(SHORTEST_LEASE, LONGEST_LEASE);
        self
    }

    pub(super) fn redis(&self) -> Redis {
        self.redis.clone()
    }

    pub(super) fn terms(&self, terms: &Terms) -> SharedTerms {
        let limit = terms.limit.min(LARGEST);
        SharedTerms {
            limit,
            soft: terms.soft.min(limit),
            // Redis tells the time in milliseconds here.
            period: terms.period.map(|period| (period / 1_000_000).max(1)),
            lease: nanoseconds(self.lease),
            degraded: share(limit, self.degraded),
        }
    }
}

impl From<Redis> for Sharing {
    fn from(redis: Redis) -> Self {
        Self::over(redis)
    }
}

impl Budget {
    /// Shares the budget with all processes that have one of the same name, unit, scope and period over the same Redis.
    ///
    /// The process leases slices of the amount, so that at most one call in twenty asks Redis; the others decide in memory. A
    /// slice counts as set aside for all, so a call may be refused while other processes have some left. Periods are those of
    /// Redis' clock, and begin at multiples of their length since the Unix epoch: a day begins at midnight UTC. The largest
    /// limit is 2⁵³ − 1: nine million dollars.
    ///
    /// Amounts that Redis loses or that killed processes held are never spent twice: a lease that its process does not settle counts
    /// as spent. While Redis is away, calls beyond the lease are refused, or [`degraded`](Sharing::degraded) lets each process
    /// spend a share. `tta_budget_away{budget}` is 1 then.
    ///
    /// Feature `redis`; `docs/budgets.md` has the guarantees.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tta_runtime::block::Redis;
    /// use tta_runtime::llm::{Budget, BudgetRefusal, Estimate};
    ///
    /// // Nothing listens there.
    /// let redis = Redis::server("redis://127.0.0.1:1").unwrap();
    /// let budget = Budget::usd(50.0).per(Duration::from_secs(86_400)).shared(redis);
    /// let refused = budget.reserve(&Estimate::usd(0.01)).unwrap_err();
    /// assert_eq!(refused.because, BudgetRefusal::StoreAway);
    /// ```
    pub fn shared(mut self, sharing: impl Into<Sharing>) -> Self {
        self.shared = Some(Shared::new(sharing.into()));
        self
    }

    /// Gives back what the process has leased and not reserved, and reports what was spent; blocks up to `deadline`. Returns
    /// whether Redis has it all.
    ///
    /// For programs that end without [`Telemetry::shutdown`](crate::Telemetry::shutdown), which does this for all shared
    /// budgets. Call it when no more calls start. A budget that is not shared has nothing to give back.
    pub fn give_back(&self, deadline: Duration) -> bool {
        let until = Instant::now().checked_add(deadline).unwrap_or_else(|| Instant::now() + LONGEST_LEASE);
        let accounts = self.shared.as_ref().and_then(|shared| shared.accounts.get());
        accounts.is_none_or(|accounts| accounts.give_back(until))
    }
}
