//! The basis of a cost: how it is known.

use super::nano_usd::NanoUsd;
use super::unit_price::Amount;

/// The basis of the cost of a finished model call. Each call has exactly one basis.
///
/// A call with several usages has the least certain basis of them, which is the greatest one.
///
/// ```
/// use tta_runtime::llm::PriceBasis;
///
/// assert_eq!(PriceBasis::PartlyPricedTool.as_str(), "partly_priced_tool");
/// assert!(PriceBasis::Priced < PriceBasis::Unpriced);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum PriceBasis {
    /// The provider reported the cost.
    Reported,
    /// Everything that was used has a price.
    Priced,
    /// The service tier, the region or the variant of the model has no price of its own: the list price was taken.
    PartlyPricedTier,
    /// Audio, images or another modality has no price of its own: the price of text was taken, or none.
    PartlyPricedModality,
    /// A tool that the provider ran has no price, and is missing in the cost.
    PartlyPricedTool,
    /// The total that the provider reported differs from the sum of the counts, which was priced.
    PartlyPricedTotal,
    /// The model has no price: the call is missing in the cost.
    Unpriced,
    /// The call ended and nothing reported what it used: it is missing in the cost.
    NoUsage,
}

impl PriceBasis {
    /// All of them, from the most certain to the least certain one.
    pub const ALL: &[Self] = &[
        Self::Reported,
        Self::Priced,
        Self::PartlyPricedTier,
        Self::PartlyPricedModality,
        Self::PartlyPricedTool,
        Self::PartlyPricedTotal,
        Self::Unpriced,
        Self::NoUsage,
    ];

    /// Returns the name, which is the label `basis` of the metrics and the attribute `llm.cost.basis` of spans.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Priced => "priced",
            Self::PartlyPricedTier => "partly_priced_tier",
            Self::PartlyPricedModality => "partly_priced_modality",
            Self::PartlyPricedTool => "partly_priced_tool",
            Self::PartlyPricedTotal => "partly_priced_total",
            Self::Unpriced => "unpriced",
            Self::NoUsage => "no_usage",
        }
    }

    /// Parses a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|basis| basis.as_str() == name)
    }
}

/// The price of a usage, not rounded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Priced {
    pub(crate) amount: Amount,
    pub(crate) basis: PriceBasis,
}

impl Priced {
    /// The price of what is offered for nothing.
    pub(crate) const FREE: Self = Self { amount: Amount::ZERO, basis: PriceBasis::Priced };
}

/// The cost of a usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) nanos: NanoUsd,
    pub(crate) basis: PriceBasis,
}

/// Returns what tokens cost in a region, in thousandths of their list price; `None` if that is not known.
///
/// Anthropic bills inference that is confined to the United States at 1.1 times the list price, for every model that can be
/// confined.
pub(crate) fn region_factor(region: &str) -> Option<u64> {
    (region == "us").then_some(1_100)
}
