//! The units of panels, with Grafana's identifiers.

use crate::rule::row;

/// The unit of a panel's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Count,
    /// Calls per second.
    CallsPerSecond,
    /// Other events per second: tokens, operations.
    PerSecond,
    /// A share or a relative change: 1 is 100 %.
    Ratio,
    /// A multiple of another number.
    Multiple,
    /// Seconds.
    Seconds,
    /// US dollars.
    Usd,
    /// Numbers that are shown as words: number, word and color.
    Mapped(&'static [(i64, &'static str, &'static str)]),
}

impl Unit {
    /// Returns the unit in which a rule's values are shown.
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
