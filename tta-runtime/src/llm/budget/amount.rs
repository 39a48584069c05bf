//! The amounts of budgets: money, tokens or requests.

use std::cmp::Ordering;

use crate::model::{LedgerTotal, NanoUsd};

/// An amount of a budget, in the budget's unit.
///
/// ```
/// use tta_runtime::llm::{BudgetAmount, NanoUsd};
///
/// assert_eq!(BudgetAmount::from(NanoUsd(4_500_000)).to_string(), "$0.0045");
/// assert_eq!(BudgetAmount::Tokens(1_200).to_string(), "1200 tokens");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetAmount {
    /// Money.
    Usd(NanoUsd),
    /// Tokens, input and output together.
    Tokens(u64),
    /// Calls to models.
    Requests(u64),
}

/// The unit of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BudgetUnit {
    NanoUsd,
    Tokens,
    Requests,
}

/// The amount that a reservation has spent when its calls have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) amount: u64,
    /// The part of it that is not known, but estimated.
    pub(super) estimated: u64,
}

impl BudgetAmount {
    /// Returns the amount as a number: nano-dollars, tokens or requests.
    #[must_use]
    pub fn value(self) -> u64 {
        match self {
            Self::Usd(amount) => amount.0,
            Self::Tokens(amount) | Self::Requests(amount) => amount,
        }
    }

    /// Returns the amount of a budget of money; `None` for tokens and requests.
    ///
    /// ```
    /// use tta_runtime::llm::{Budget, BudgetAmount, NanoUsd};
    ///
    /// assert_eq!(Budget::usd(2.5).remaining().usd().map(NanoUsd::to_usd), Some(2.5));
    /// assert_eq!(BudgetAmount::Tokens(7).usd(), None);
    /// ```
    #[must_use]
    pub fn usd(self) -> Option<NanoUsd> {
        match self {
            Self::Usd(amount) => Some(amount),
            Self::Tokens(_) | Self::Requests(_) => None,
        }
    }

    fn unit(self) -> BudgetUnit {
        match self {
            Self::Usd(_) => BudgetUnit::NanoUsd,
            Self::Tokens(_) => BudgetUnit::Tokens,
            Self::Requests(_) => BudgetUnit::Requests,
        }
    }
}

impl From<NanoUsd> for BudgetAmount {
    fn from(amount: NanoUsd) -> Self {
        Self::Usd(amount)
    }
}

/// Equal if the budget is one of money.
impl PartialEq<NanoUsd> for BudgetAmount {
    fn eq(&self, other: &NanoUsd) -> bool {
        *self == Self::Usd(*other)
    }
}

/// Ordered if the budget is one of money.
impl PartialOrd<NanoUsd> for BudgetAmount {
    fn partial_cmp(&self, other: &NanoUsd) -> Option<Ordering> {
        self.usd().map(|amount| amount.cmp(other))
    }
}

impl std::fmt::Display for BudgetAmount {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usd(amount) => amount.fmt(formatter),
            Self::Tokens(amount) => write!(formatter, "{amount} tokens"),
            Self::Requests(amount) => write!(formatter, "{amount} requests"),
        }
    }
}

impl BudgetUnit {
    pub(super) fn amount(self, number: u64) -> BudgetAmount {
        match self {
            Self::NanoUsd => BudgetAmount::Usd(NanoUsd(number)),
            Self::Tokens => BudgetAmount::Tokens(number),
            Self::Requests => BudgetAmount::Requests(number),
        }
    }

    /// Returns the unit as a part of a key.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "shared budgets have keys"))]
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NanoUsd => "nano_usd",
            Self::Tokens => "tokens",
            Self::Requests => "requests",
        }
    }

    /// Returns the amount that calls with this total have spent, which the program may have settled by itself.
    ///
    /// An amount that is not known is spent as it was reserved. A program that settles a call knows what it spent, in the unit of the
    /// budget.
    pub(super) fn spent(self, total: &LedgerTotal, settled: Option<BudgetAmount>, reserved: u64) -> Spent {
        let is_settled = settled.is_some_and(|settled| settled.unit() == self);
        let is_unclear = settled.is_some() && !is_settled;
        let settled = settled.filter(|_| is_settled).map_or(0, BudgetAmount::value);
        let (beyond, is_incomplete) = match self {
            Self::NanoUsd => (total.unexplained.0, total.is_incomplete),
            Self::Tokens => (0, total.is_silent),
            Self::Requests => (0, false),
        };
        let known = self.counted(total).saturating_add(settled);
        let most = known.saturating_add(beyond);
        let amount = if is_unclear || is_incomplete && !is_settled { most.max(reserved) } else { most };
        Spent { amount, estimated: amount.saturating_sub(known) }
    }

    /// Returns what calls with this total have spent as far as it is known.
    pub(super) fn counted(self, total: &LedgerTotal) -> u64 {
        match self {
            Self::NanoUsd => total.cost.0,
            Self::Tokens => total.tokens,
            Self::Requests => total.calls,
        }
    }

    /// Returns what is spent by a cost and tokens that arrive after the reservation has ended.
    pub(super) fn late(self, cost: NanoUsd, tokens: u64) -> u64 {
        match self {
            Self::NanoUsd => cost.0,
            Self::Tokens => tokens,
            Self::Requests => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BudgetAmount, BudgetUnit, LedgerTotal, NanoUsd, Spent};

    #[test]
    fn each_unit_spends_what_it_counts() {
        let total = LedgerTotal {
            cost: NanoUsd(70),
            unexplained: NanoUsd(5),
            tokens: 40,
            calls: 2,
            is_incomplete: false,
            is_silent: false,
        };
        let spent = |unit: BudgetUnit| unit.spent(&total, None, 100);
        assert_eq!(spent(BudgetUnit::NanoUsd), Spent { amount: 75, estimated: 5 });
        assert_eq!(spent(BudgetUnit::Tokens), Spent { amount: 40, estimated: 0 });
        assert_eq!(spent(BudgetUnit::Requests), Spent { amount: 2, estimated: 0 });
        // A call without a price has tokens all the same.
        let unpriced = LedgerTotal { is_incomplete: true, ..total };
        assert_eq!(BudgetUnit::NanoUsd.spent(&unpriced, None, 100), Spent { amount: 100, estimated: 30 });
        assert_eq!(BudgetUnit::Tokens.spent(&unpriced, None, 100), Spent { amount: 40, estimated: 0 });
        let silent = LedgerTotal { is_silent: true, ..unpriced };
        assert_eq!(BudgetUnit::Tokens.spent(&silent, None, 100), Spent { amount: 100, estimated: 60 });
    }

    #[test]
    fn a_settlement_in_another_unit_is_none() {
        let total = LedgerTotal::default();
        let settled = |unit: BudgetUnit, settled| unit.spent(&total, Some(settled), 100).amount;
        assert_eq!(settled(BudgetUnit::Tokens, BudgetAmount::Tokens(7)), 7);
        assert_eq!(settled(BudgetUnit::Tokens, BudgetAmount::Usd(NanoUsd(7))), 100);
        assert_eq!(settled(BudgetUnit::Requests, BudgetAmount::Requests(3)), 3);
    }
}
