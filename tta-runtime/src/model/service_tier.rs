//! How a request was served, where that changes its price.

/// How a request was served, where that changes its price.
///
/// ```
/// use tta_runtime::llm::ServiceTier;
///
/// assert_eq!(ServiceTier::from_name("default"), Some(ServiceTier::Standard));
/// assert_eq!(ServiceTier::from_name("auto"), None, "a wish, and not how it was served");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceTier {
    /// At once, at the list price.
    Standard,
    /// As part of a batch, whose answers come within a day. Few responses say so: set it yourself.
    Batch,
    /// Slower and cheaper.
    Flex,
    /// Before others, and dearer.
    Priority,
    /// With faster output, and dearer.
    Fast,
}

impl ServiceTier {
    /// Returns the tier that providers call this in their responses, `None` for what says nothing about the price.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "standard" | "default" | "on_demand" => Self::Standard,
            "batch" => Self::Batch,
            "flex" | "on_demand_flex" => Self::Flex,
            "priority" | "on_demand_priority" => Self::Priority,
            "fast" => Self::Fast,
            _ => return None,
        })
    }
}
