//! What a panel's numbers are, in Grafana's words.

use crate::rule::row;

/// What one of a panel's numbers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things that are counted.
    Count,
    /// Calls per second.
    CallsPerSecond,
    /// Other things per second: tokens, operations, events.
    PerSecond,
    /// Shares and relative changes: 1 is 100 %.
    Ratio,
    /// How many times another number it is.
    Multiple,
    /// Seconds.
    Seconds,
    /// US dollars.
    Usd,
    /// Numbers that stand for words.
    Mapped(&'static [(i64, &'static str, &'static str)]),
}

impl Unit {
    /// Returns the unit that a rule's number is shown in.
    pub(crate) const fn of(unit: row::Unit) -> Self {
        match unit {
            row::Unit::Count => Self::Count,
            row::Unit::PerSecond => Self::CallsPerSecond,
            row::Unit::Ratio => Self::Ratio,
            row::Unit::Multiple => Self::Multiple,
            row::Unit::Seconds => Self::Seconds,
            row::Unit::Usd | row::Unit::UsdPerSecond => Self::Usd,
        }
    }

    /// Returns Grafana's identifier of the unit.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::CallsPerSecond => "reqps",
            Self::PerSecond => "cps",
            Self::Ratio => "percentunit",
            Self::Multiple => "suffix: ×",
            Self::Seconds => "s",
            Self::Usd => "currencyUSD",
            Self::Mapped(_) => "none",
        }
    }
}
