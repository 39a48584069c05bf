//! Answers kept in the process, and behind it in Redis, where other processes find them.

use std::hash::Hash;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::memory::MemoryTier;
use super::meter::Operation;
use super::redis::{Redis, RedisTier};
use super::tiers::{Label, Store, Tiers, Visit};

/// Keeps answers in the process, at most so many, and in Redis.
#[derive(Clone, Debug)]
pub struct Tiered {
    pub(super) capacity: u64,
    pub(super) redis: Redis,
}

/// The answers of one cache in memory and in Redis.
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

    fn open(self, label: Label) -> TwoTiers<Q, V> {
        let memory = MemoryTier::new(&label, self.capacity);
        TwoTiers { memory, redis: RedisTier::new(self.redis, label) }
    }
}

impl<Q, V> Tiers<Q, V> for TwoTiers<Q, V>
where
    Q: Eq + Hash + Clone + Serialize + Send + Sync + 'static,
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn peek(&self, key: &Q, visit: &mut Visit) -> Option<Arc<Answer<V>>> {
        self.memory.find(key, visit)
    }

    async fn look(&self, key: &Arc<Q>, visit: &mut Visit) -> Option<Answer<V>> {
        if let Some(answer) = self.memory.find_again(key, visit) {
            return Some(answer);
        }
        let found = self.redis.find(key, visit).await?;
        // It is forgotten here when it is forgotten there.
        self.memory.insert(key, found.answer.clone(), found.remaining);
        Some(found.answer)
    }

    fn coalesced(&self, visit: &mut Visit) {
        self.memory.count_coalesced(visit);
    }

    fn missed(&self, visit: &mut Visit) {
        self.memory.count_missed(visit);
        self.redis.count_unasked(visit, Operation::Miss);
    }

    async fn keep(&self, key: &Arc<Q>, answer: Answer<V>, visit: &mut Visit) {
        self.memory.insert(key, answer.clone(), None);
        self.redis.insert(key, &answer, visit).await;
    }
}
