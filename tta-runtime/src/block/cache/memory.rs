//! The memory tier: entries in the process, with a limit on their number.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use moka::notification::RemovalCause;

use super::entry::CacheEntry;
use super::meter::{Operation, TierMeter};
use super::settings::CacheSettings;
use super::tiers::{Lookup, Store, Tiers};
use crate::schema::Id;

/// The entries of one cache in memory.
pub struct MemoryTier<Q, V> {
    meter: Arc<TierMeter>,
    /// Keys are stored inline, which saves a pointer on each look-up. Entries are shared, not copied.
    entries: moka::sync::Cache<Q, Arc<CacheEntry<V>>>,
    time_to_live: Option<Duration>,
}

/// `moka` panics on a time to live of more than 1,000 years.
const MAX_TIME_TO_LIVE: Duration = Duration::from_secs(100 * 365 * 86_400);

impl<Q, V> MemoryTier<Q, V>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(settings: &CacheSettings, capacity: u64) -> Self {
        let CacheSettings { name, recorder, time_to_live, .. } = *settings;
        let meter = Arc::new(TierMeter::new(recorder, name, "memory", Operation::IN_MEMORY));
        recorder.declare(Id::CacheEntries, &[name]);
        let counting = Arc::clone(&meter);
        // Any call may remove an entry that is due. The recorder that stored the entry counts its removal.
        let removed = move |_: Arc<Q>, entry: Arc<CacheEntry<V>>, cause: RemovalCause| {
            let recorder = entry.recorder;
            counting.change_entries(recorder, -1);
            match cause {
                RemovalCause::Replaced if !entry.is_expired() => {}
                RemovalCause::Size if !entry.is_expired() => counting.count(recorder, Operation::Evict),
                RemovalCause::Replaced | RemovalCause::Size | RemovalCause::Expired | RemovalCause::Explicit => {
                    counting.count(recorder, Operation::Expire);
                }
            }
        };
        let entries = moka::sync::Cache::builder().max_capacity(capacity).eviction_listener(removed);
        let entries = match time_to_live {
            // Look-ups compare the age on the recorder's clock. On the real clock, one second later, `moka` frees
            // entries that no call looks up any more.
            Some(time_to_live) => {
                entries.time_to_live(time_to_live.saturating_add(Duration::from_secs(1)).min(MAX_TIME_TO_LIVE))
            }
            None => entries,
        };
        Self { meter, entries: entries.build(), time_to_live }
    }

    /// Looks up an entry before the call joins the single flight.
    #[inline]
    pub(super) fn find(&self, key: &Q, lookup: &mut Lookup) -> Option<Arc<CacheEntry<V>>> {
        lookup.cache_type = self.meter.cache_type;
        let start = lookup.recorder.clock.now();
        let entry = self.entries.get(key);
        let now = lookup.recorder.clock.now();
        let took = now.0.saturating_sub(start.0);
        lookup.peek_nanoseconds = took;
        let is_expired = |entry: &CacheEntry<V>| {
            let is_known = std::ptr::eq(entry.recorder, lookup.recorder);
            if is_known { entry.is_expired_at(now) } else { entry.is_expired() }
        };
        let entry = entry.filter(|entry| !is_expired(entry))?;
        self.meter.record_lookup(lookup.recorder, Operation::Hit, took);
        Some(entry)
    }

    /// Looks up an entry as the leader: another leader may have stored one since [`find`](Self::find).
    pub(super) fn find_again(&self, key: &Q, lookup: &mut Lookup) -> Option<CacheEntry<V>> {
        // An expired entry stays until it is replaced. Removing it here could remove a fresh entry that another call
        // stores meanwhile.
        let found = self.entries.get(key).filter(|entry| !entry.is_expired());
        let entry = found.map(Arc::unwrap_or_clone);
        let operation = if entry.is_some() { Operation::Coalesced } else { Operation::Miss };
        self.meter.record_lookup(lookup.recorder, operation, lookup.peek_nanoseconds);
        entry
    }

    /// Counts a look-up that received the entry of another call.
    pub(super) fn count_coalesced(&self, lookup: &Lookup) {
        self.meter.record_lookup(lookup.recorder, Operation::Coalesced, lookup.peek_nanoseconds);
    }

    /// Counts a look-up whose leader found no entry and failed.
    pub(super) fn count_missed(&self, lookup: &Lookup) {
        self.meter.record_lookup(lookup.recorder, Operation::Miss, lookup.peek_nanoseconds);
    }

    /// Stores an entry for the cache's time to live, or for `remaining` if that is shorter.
    pub(super) fn insert(&self, key: &Q, mut entry: CacheEntry<V>, remaining: Option<Duration>) {
        if self.entries.policy().max_capacity() == Some(0) {
            return;
        }
        let recorder = entry.recorder;
        entry.time_to_live = self.time_to_live.into_iter().chain(remaining).min();
        self.meter.count(recorder, Operation::Store);
        self.meter.change_entries(recorder, 1);
        self.entries.insert(key.clone(), Arc::new(entry));
        // Apply removals now, so that they are not counted with a later call.
        self.entries.run_pending_tasks();
    }
}

/// The memory of the process as a store; made by [`Cache::memory`](super::Cache::memory).
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub(super) capacity: u64,
}

impl<Q, V> Store<Q, V> for Memory
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Tiers = MemoryTier<Q, V>;

    fn open(self, settings: CacheSettings) -> MemoryTier<Q, V> {
        MemoryTier::new(&settings, self.capacity)
    }
}

impl<Q, V> Tiers<Q, V> for MemoryTier<Q, V>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn peek(&self, key: &Q, lookup: &mut Lookup) -> Option<Arc<CacheEntry<V>>> {
        self.find(key, lookup)
    }

    async fn get(&self, key: &Arc<Q>, lookup: &mut Lookup) -> Option<CacheEntry<V>> {
        self.find_again(key, lookup)
    }

    fn count_coalesced(&self, lookup: &mut Lookup) {
        self.count_coalesced(lookup);
    }

    fn count_missed(&self, lookup: &mut Lookup) {
        self.count_missed(lookup);
    }

    async fn store(&self, key: &Arc<Q>, entry: CacheEntry<V>, _: &mut Lookup) {
        self.insert(key, entry, None);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::hash::{Hash, Hasher};
    use std::rc::Rc;
    use std::time::Duration;

    use super::{CacheSettings, Lookup, MemoryTier};
    use crate::block::block_call::current_recorder;
    use crate::block::cache::entry::CacheEntry;
    use crate::testing::Recording;

    /// An action of another call.
    type Meanwhile = Box<dyn FnOnce()>;

    thread_local! {
        /// Runs when the key is hashed for the second time from now: after the look-up, and before any other operation.
        static MEANWHILE: RefCell<Option<(u32, Meanwhile)>> = const { RefCell::new(None) };
    }

    #[derive(Clone, PartialEq, Eq)]
    struct Key;

    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            7.hash(state);
            let due = MEANWHILE.take().and_then(|(left, meanwhile)| {
                if left == 0 {
                    return Some(meanwhile);
                }
                MEANWHILE.set(Some((left - 1, meanwhile)));
                None
            });
            if let Some(meanwhile) = due {
                meanwhile();
            }
        }
    }

    #[test]
    fn a_look_up_of_an_expired_entry_keeps_a_fresh_one_stored_meanwhile() {
        let recording = Recording::new();
        recording.run(|| {
            let recorder = current_recorder();
            let entry = move |value| CacheEntry::new(value, Vec::new(), recorder, Duration::ZERO);
            let settings = CacheSettings {
                name: "raced",
                recorder,
                #[cfg(feature = "redis")]
                work: "raced",
                #[cfg(feature = "redis")]
                namespace: String::new(),
                #[cfg(feature = "redis")]
                version: 0,
                time_to_live: Some(Duration::from_secs(60)),
            };
            let tier = Rc::new(MemoryTier::new(&settings, 10));
            tier.insert(&Key, entry("expired"), None);
            recording.advance(Duration::from_secs(60));
            let other = Rc::clone(&tier);
            MEANWHILE.set(Some((1, Box::new(move || other.insert(&Key, entry("fresh"), None)))));
            assert!(tier.find_again(&Key, &mut Lookup::new(recorder)).is_none());
            if let Some((_, meanwhile)) = MEANWHILE.take() {
                // The key was not hashed a second time, so the other call comes afterwards.
                meanwhile();
            }
            let found = tier.find(&Key, &mut Lookup::new(recorder)).map(|entry| entry.value);
            assert_eq!(found, Some("fresh"));
        });
        expect_test::expect![[r#"
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="coalesced"} 0
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="evict"} 0
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="expire"} 1
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="hit"} 1
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="miss"} 1
            tta_cache_operations_total{primitive_name="raced",cache_type="memory",operation="store"} 2
        "#]]
        .assert_eq(&recording.metrics("tta_cache_operations_total"));
    }
}
