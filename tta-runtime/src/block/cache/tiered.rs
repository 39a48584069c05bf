//! The memory tier in front of the Redis tier.

use std::hash::Hash;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entry::CacheEntry;
use super::memory::MemoryTier;
use super::meter::Operation;
use super::redis::RedisTier;
use super::settings::CacheSettings;
use super::tiers::{Lookup, Store, Tiers};
use crate::redis::Redis;

/// Memory in front of Redis as a store; made by [`Cache::tiered`](super::Cache::tiered).
#[derive(Clone, Debug)]
pub struct Tiered {
    pub(super) capacity: u64,
    pub(super) redis: Redis,
}

/// The entries of one cache in memory and in Redis.
pub struct TwoTiers<Q, V>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    memory: MemoryTier<Q, V>,
    redis: RedisTier<Q, V>,
}

impl<Q, V> Store<Q, V> for Tiered
where
    Q: Eq + Hash + Clone + Serialize + Send + Sync + 'static,
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Tiers = TwoTiers<Q, V>;

    fn open(self, settings: CacheSettings) -> TwoTiers<Q, V> {
        let memory = MemoryTier::new(&settings, self.capacity);
        TwoTiers { memory, redis: RedisTier::new(self.redis, settings) }
    }
}

impl<Q, V> Tiers<Q, V> for TwoTiers<Q, V>
where
    Q: Eq + Hash + Clone + Serialize + Send + Sync + 'static,
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn peek(&self, key: &Q, lookup: &mut Lookup) -> Option<Arc<CacheEntry<V>>> {
        self.memory.find(key, lookup)
    }

    async fn get(&self, key: &Arc<Q>, lookup: &mut Lookup) -> Option<CacheEntry<V>> {
        if let Some(entry) = self.memory.find_again(key, lookup) {
            return Some(entry);
        }
        let found = self.redis.find(key, lookup).await?;
        // The copy in memory expires when the entry in Redis does.
        self.memory.insert(key, found.entry.clone(), found.remaining);
        Some(found.entry)
    }

    fn count_coalesced(&self, lookup: &mut Lookup) {
        self.memory.count_coalesced(lookup);
    }

    fn count_missed(&self, lookup: &mut Lookup) {
        self.memory.count_missed(lookup);
        self.redis.count_unasked(lookup, Operation::Miss);
    }

    async fn store(&self, key: &Arc<Q>, entry: CacheEntry<V>, lookup: &mut Lookup) {
        self.memory.insert(key, entry.clone(), None);
        self.redis.insert(key, &entry, lookup).await;
    }
}
