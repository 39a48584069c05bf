//! Answers kept in the process.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use moka::notification::RemovalCause;

use super::answer::Answer;
use super::meter::{Meter, Operation};
use super::tiers::{Label, Store, Tiers, Visit};
use crate::schema::Id;

/// The answers of one cache in memory.
pub struct MemoryTier<Q, V> {
    meter: Arc<Meter>,
    // The keys themselves, not shared ones: a look-up follows one pointer less.
    /// An answer is shared with whoever looks, not copied out whole.
    entries: moka::sync::Cache<Q, Arc<Answer<V>>>,
    time_to_live: Option<Duration>,
}

/// The library below refuses times to live that are longer than a thousand years.
const LONGEST_TIME_TO_LIVE: Duration = Duration::from_secs(100 * 365 * 86_400);

impl<Q, V> MemoryTier<Q, V>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(label: &Label, capacity: u64) -> Self {
        let Label { name, recorder, time_to_live, .. } = *label;
        let meter = Arc::new(Meter::new(recorder, name, "memory", Operation::IN_MEMORY));
        recorder.declare(Id::CacheEntries, &[name]);
        let counting = Arc::clone(&meter);
        // Entries are removed in whichever call finds them due, and counted where they were stored.
        let removed = move |_: Arc<Q>, answer: Arc<Answer<V>>, cause: RemovalCause| {
            let recorder = answer.recorder;
            counting.change_entries(recorder, -1);
            match cause {
                RemovalCause::Replaced => {}
                RemovalCause::Size if !answer.is_expired() => counting.count(recorder, Operation::Evict),
                RemovalCause::Size | RemovalCause::Expired | RemovalCause::Explicit => {
                    counting.count(recorder, Operation::Expire);
                }
            }
        };
        let entries = moka::sync::Cache::builder().max_capacity(capacity).eviction_listener(removed);
        let entries = match time_to_live {
            // What is asked for goes by the recorder's clock. By the real one, and a little later, what nobody asks for
            // any more is freed.
            Some(time_to_live) => {
                entries.time_to_live(time_to_live.saturating_add(Duration::from_secs(1)).min(LONGEST_TIME_TO_LIVE))
            }
            None => entries,
        };
        Self { meter, entries: entries.build(), time_to_live }
    }

    /// Looks for an answer before anything else is done.
    #[inline]
    pub(super) fn find(&self, key: &Q, visit: &mut Visit) -> Option<Arc<Answer<V>>> {
        visit.cache_type = self.meter.cache_type;
        let start = visit.recorder.clock.now();
        let answer = self.entries.get(key);
        let now = visit.recorder.clock.now();
        let took = now.0.saturating_sub(start.0);
        visit.peek_took = took;
        let is_expired = |answer: &Answer<V>| {
            let is_known = std::ptr::eq(answer.recorder, visit.recorder);
            if is_known { answer.is_expired_at(now) } else { answer.is_expired() }
        };
        let answer = answer.filter(|answer| !is_expired(answer))?;
        self.meter.time(visit.recorder, Operation::Hit, took);
        Some(answer)
    }

    /// Looks again, now that nobody else may work on the key: another call may have stored the answer meanwhile.
    pub(super) fn find_again(&self, key: &Q, visit: &mut Visit) -> Option<Answer<V>> {
        let found = self.entries.get(key);
        if found.as_ref().is_some_and(|answer| answer.is_expired()) {
            self.entries.invalidate(key);
        }
        let answer = found.filter(|answer| !answer.is_expired()).map(Arc::unwrap_or_clone);
        let operation = if answer.is_some() { Operation::Coalesced } else { Operation::Miss };
        self.meter.time(visit.recorder, operation, visit.peek_took);
        answer
    }

    /// Counts that another call had the answer.
    pub(super) fn count_coalesced(&self, visit: &Visit) {
        self.meter.time(visit.recorder, Operation::Coalesced, visit.peek_took);
    }

    /// Counts that no call had the answer.
    pub(super) fn count_missed(&self, visit: &Visit) {
        self.meter.time(visit.recorder, Operation::Miss, visit.peek_took);
    }

    /// Stores an answer, for no longer than `remaining` where that is known.
    pub(super) fn insert(&self, key: &Q, mut answer: Answer<V>, remaining: Option<Duration>) {
        if self.entries.policy().max_capacity() == Some(0) {
            return;
        }
        let recorder = answer.recorder;
        answer.time_to_live = self.time_to_live.into_iter().chain(remaining).min();
        self.meter.count(recorder, Operation::Store);
        self.meter.change_entries(recorder, 1);
        self.entries.insert(key.clone(), Arc::new(answer));
        // Otherwise removals would be counted with some later call.
        self.entries.run_pending_tasks();
    }
}

/// Keeps answers in the process, at most so many.
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

    fn open(self, label: Label) -> MemoryTier<Q, V> {
        MemoryTier::new(&label, self.capacity)
    }
}

impl<Q, V> Tiers<Q, V> for MemoryTier<Q, V>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn peek(&self, key: &Q, visit: &mut Visit) -> Option<Arc<Answer<V>>> {
        self.find(key, visit)
    }

    async fn look(&self, key: &Arc<Q>, visit: &mut Visit) -> Option<Answer<V>> {
        self.find_again(key, visit)
    }

    fn coalesced(&self, visit: &mut Visit) {
        self.count_coalesced(visit);
    }

    fn missed(&self, visit: &mut Visit) {
        self.count_missed(visit);
    }

    async fn keep(&self, key: &Arc<Q>, answer: Answer<V>, _: &mut Visit) {
        self.insert(key, answer, None);
    }
}
