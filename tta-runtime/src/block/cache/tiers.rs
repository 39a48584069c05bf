//! The traits between a cache and its tiers: the order in which tiers are read and written.

use std::future::Future;
use std::sync::Arc;
#[cfg(feature = "redis")]
use std::time::Duration;

use super::entry::CacheEntry;
use super::settings::CacheSettings;
use crate::recorder::Recorder;

/// The state of one call's look-up and store across the tiers.
pub struct Lookup {
    pub(super) recorder: &'static Recorder,
    /// The tier that was read last.
    pub(super) cache_type: &'static str,
    /// The time that reading memory took, in nanoseconds.
    pub(super) peek_nanoseconds: u64,
    /// How much longer the call may wait for Redis; `None` before its first request.
    #[cfg(feature = "redis")]
    pub(super) wait_left: Option<Duration>,
}

impl Lookup {
    pub(super) fn new(recorder: &'static Recorder) -> Self {
        Self {
            recorder,
            cache_type: "",
            peek_nanoseconds: 0,
            #[cfg(feature = "redis")]
            wait_left: None,
        }
    }
}

/// A store that a cache can use: memory, Redis, or both; opened once for each cache.
pub trait Store<Q, V> {
    /// The tiers of the opened store.
    type Tiers: Tiers<Q, V>;

    /// Opens the store for one cache.
    fn open(self, settings: CacheSettings) -> Self::Tiers;
}

/// The tiers of one cache.
pub trait Tiers<Q, V>: Send + Sync {
    /// Reads the tiers that answer without waiting.
    fn peek(&self, key: &Q, lookup: &mut Lookup) -> Option<Arc<CacheEntry<V>>>;

    /// Reads all tiers in order; called by the leader of the key's single flight.
    fn get(&self, key: &Arc<Q>, lookup: &mut Lookup) -> impl Future<Output = Option<CacheEntry<V>>> + Send;

    /// Counts a look-up that received the entry of another call.
    fn count_coalesced(&self, lookup: &mut Lookup);

    /// Counts a look-up whose leader found no entry and failed.
    fn count_missed(&self, lookup: &mut Lookup);

    /// Stores an entry in all tiers.
    fn store(&self, key: &Arc<Q>, entry: CacheEntry<V>, lookup: &mut Lookup) -> impl Future<Output = ()> + Send;
}
