//! The settings of one cache, as its tiers see them.

use std::time::Duration;

use crate::recorder::Recorder;

/// The name and the settings of one cache.
pub struct CacheSettings {
    pub(super) name: &'static str,
    /// The recorder under which the cache is built, which declares its series.
    pub(super) recorder: &'static Recorder,
    /// The cache's own name, or else the type of its work, since two functions may have the same name.
    #[cfg(feature = "redis")]
    pub(super) work: &'static str,
    #[cfg(feature = "redis")]
    pub(super) namespace: String,
    #[cfg(feature = "redis")]
    pub(super) version: u32,
    pub(super) time_to_live: Option<Duration>,
}
