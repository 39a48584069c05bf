//! The error of a budget that has too little left.

use std::borrow::Cow;
use std::time::Duration;

use crate::model::NanoUsd;

/// The error of a call that a budget refused: less is left than the call may cost. The call did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetExceeded {
    /// The budget's name.
    pub budget: Cow<'static, str>,
    /// The limit on the cost of calls in a period.
    pub limit: NanoUsd,
    /// The cost of calls in this period so far.
    pub spent: NanoUsd,
    /// The amount that calls in progress have reserved.
    pub reserved: NanoUsd,
    /// The time until the budget resets, `None` for a budget without a period.
    pub resets_in: Option<Duration>,
}

impl std::fmt::Display for BudgetExceeded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { budget, limit, spent, reserved, resets_in } = self;
        write!(formatter, "the budget `{budget}` has too little left: {spent} of {limit} is spent")?;
        if *reserved > NanoUsd(0) {
            write!(formatter, " and {reserved} is reserved by running calls")?;
        }
        match resets_in {
            Some(resets_in) => write!(formatter, "; it resets in {resets_in:.1?}"),
            None => formatter.write_str("; it does not reset"),
        }
    }
}

impl std::error::Error for BudgetExceeded {}
