//! Service tiers: how a provider served a request, if that affects the price.

/// How a provider served a request, if that affects the price.
///
/// ```
/// use tta_runtime::llm::ServiceTier;
///
/// assert_eq!(ServiceTier::from_name("default"), Some(ServiceTier::Standard));
/// assert_eq!(ServiceTier::from_name("auto"), None, "a request for a tier, not a tier");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceTier {
    /// Served at once, at the list price.
    Standard,
    /// Served in a batch, with answers within a day. Few responses report it: set it in the usage yourself.
    Batch,
    /// Served with lower priority, at a lower price.
    Flex,
    /// Served with a priority between the lowest and the standard one, at a price between theirs.
    Balanced,
    /// Served with higher priority, at a higher price.
    Priority,
    /// Served with faster output, at a higher price.
    Fast,
    /// Served with the fastest output, at the highest price.
    Ultrafast,
}

impl ServiceTier {
    /// Parses the name of a tier in a response, case-insensitively; `None` for a name that does not determine the price.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "standard" | "default" | "on_demand" => Self::Standard,
            "batch" => Self::Batch,
            "flex" | "on_demand_flex" => Self::Flex,
            "balanced" => Self::Balanced,
            "priority" | "on_demand_priority" => Self::Priority,
            "fast" => Self::Fast,
            "ultrafast" => Self::Ultrafast,
            _ => return None,
        })
    }
}
