//! The error of a budget that refuses a call.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::BudgetScope;
use super::amount::BudgetAmount;

/// The error of a call that a budget refused: less is left than the call may cost. The call did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetExceeded {
    /// The budget's name.
    pub budget: Cow<'static, str>,
    /// The calls that share the amount.
    pub scope: BudgetScope,
    /// The workflow id, the agent or the tenant whose amount has too little left; `None` for the process, and for calls outside of
    /// workflows, of agents, or of tenants.
    pub owner: Option<Arc<str>>,
    /// The limit on the calls in a period.
    pub limit: BudgetAmount,
    /// The amount that calls have spent in this period so far.
    pub spent: BudgetAmount,
    /// The amount that calls in progress have reserved. Of a shared budget, this includes what other processes have leased.
    pub reserved: BudgetAmount,
    /// The time until the budget resets, `None` for a budget without a period.
    pub resets_in: Option<Duration>,
    /// Why the call was refused.
    pub because: BudgetRefusal,
}

/// Why a budget refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetRefusal {
    /// Less is left than the call may spend.
    TooLittleLeft,
    /// The budget is shared, and its Redis does not answer, or has come back less than a lease ago.
    StoreAway,
}

/// The state of an account that refuses a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) spent: u64,
    pub(super) reserved: u64,
    pub(super) resets_in: Option<Duration>,
    pub(super) because: BudgetRefusal,
}

#[cfg(feature = "redis")]
impl Refusal {
    /// Nothing is known of the account, which cannot be opened.
    pub(super) const STORE_AWAY: Self =
        Self { spent: 0, reserved: 0, resets_in: None, because: BudgetRefusal::StoreAway };
}

impl std::fmt::Display for BudgetExceeded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { budget, scope, owner, limit, spent, reserved, resets_in, because } = self;
        let of = owner.as_ref().map_or_else(String::new, |owner| format!(" of the {} `{owner}`", scope.as_str()));
        match because {
            BudgetRefusal::TooLittleLeft => write!(formatter, "the budget `{budget}`{of} has too little left")?,
            BudgetRefusal::StoreAway => write!(formatter, "the Redis of the budget `{budget}`{of} does not answer")?,
        }
        write!(formatter, ": {spent} of {limit} is spent")?;
        if reserved.value() > 0 {
            write!(formatter, " and {reserved} is reserved by running calls")?;
        }
        match resets_in {
            Some(resets_in) => write!(formatter, "; it resets in {resets_in:.1?}"),
            None => formatter.write_str("; it does not reset"),
        }
    }
}

impl std::error::Error for BudgetExceeded {}
