//! Why a call was refused.

use std::borrow::Cow;
use std::time::Duration;

use crate::model::NanoUsd;

/// A budget had less left than a call may cost; the call was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetExceeded {
    /// The budget's name.
    pub budget: Cow<'static, str>,
    /// What calls may cost in a period.
    pub limit: NanoUsd,
    /// What they cost so far in this one.
    pub spent: NanoUsd,
    /// What calls that are running may cost yet.
    pub reserved: NanoUsd,
    /// When the amount is given anew, `None` for a budget without a period.
    pub resets_in: Option<Duration>,
}

impl std::fmt::Display for BudgetExceeded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { budget, limit, spent, reserved, resets_in } = self;
        write!(formatter, "too little is left of the budget `{budget}`: of {limit}, {spent} is spent")?;
        if *reserved > NanoUsd(0) {
            write!(formatter, " and {reserved} reserved by running calls")?;
        }
        match resets_in {
            Some(resets_in) => write!(formatter, "; it resets in {resets_in:.1?}"),
            None => formatter.write_str("; it does not reset"),
        }
    }
}

impl std::error::Error for BudgetExceeded {}
