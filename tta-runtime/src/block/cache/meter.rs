//! What a tier's look-ups and stores are counted as.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::metric::Cell;
use crate::recorder::Recorder;
use crate::schema::Id;

/// What a tier did: the settings `operation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A look-up found an answer.
    Hit,
    /// A look-up found nothing.
    Miss,
    /// A look-up found an answer that another call had been looking or working for meanwhile.
    Coalesced,
    /// A look-up failed, or found what is no answer.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "memory never fails"))]
    Error,
    /// An answer was stored.
    Store,
    /// An answer could not be stored.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "memory never fails"))]
    StoreError,
    /// An answer was not stored since it takes too many bytes.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "memory never fails"))]
    TooLarge,
    /// An answer made room for others.
    Evict,
    /// An answer had reached its time to live.
    Expire,
}

impl Operation {
    /// What memory does.
    pub(super) const IN_MEMORY: &[Self] =
        &[Self::Hit, Self::Miss, Self::Coalesced, Self::Store, Self::Evict, Self::Expire];

    /// What Redis does.
    #[cfg(feature = "redis")]
    pub(super) const IN_REDIS: &[Self] =
        &[Self::Hit, Self::Miss, Self::Coalesced, Self::Error, Self::Store, Self::StoreError, Self::TooLarge];

    /// Returns whether it is a look-up.
    fn is_lookup(self) -> bool {
        matches!(self, Self::Hit | Self::Miss | Self::Coalesced | Self::Error)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            Self::Error => "error",
            Self::Store => "store",
            Self::StoreError => "store_error",
            Self::TooLarge => "too_large",
            Self::Evict => "evict",
            Self::Expire => "expire",
        }
    }
}

/// Counts for one tier of one cache.
pub(super) struct TierMeter {
    /// The cache's name.
    pub(super) name: &'static str,
    /// The tier: the settings `cache_type`.
    pub(super) cache_type: &'static str,
    hits: HitCell,
    /// How many entries there are, by the recorder that knows of them.
    entries: Mutex<Vec<(&'static Recorder, i64)>>,
}

impl TierMeter {
    /// Begins to count, at 0.
    pub(super) fn new(
        recorder: &Recorder,
        name: &'static str,
        cache_type: &'static str,
        operations: &[Operation],
    ) -> Self {
        for operation in operations {
            let labels = [name, cache_type, operation.as_str()];
            recorder.declare(Id::CacheOperations, &labels);
            if operation.is_lookup() {
                recorder.declare(Id::CacheLatency, &labels);
            }
        }
        Self { name, cache_type, hits: HitCell::default(), entries: Mutex::default() }
    }

    /// Counts what took no time to tell.
    pub(super) fn count(&self, recorder: &'static Recorder, operation: Operation) {
        recorder.add(Id::CacheOperations, &[self.name, self.cache_type, operation.as_str()], 1);
    }

    /// Counts a look-up that took this many nanoseconds. Its time counts it: it is not counted twice.
    #[inline]
    pub(super) fn record_lookup(&self, recorder: &'static Recorder, operation: Operation, took: u64) {
        let labels = [self.name, self.cache_type, operation.as_str()];
        match operation {
            Operation::Hit => self.hits.add(recorder, Id::CacheLatency, &labels, took),
            _ => recorder.add(Id::CacheLatency, &labels, took),
        }
    }

    /// Changes how many entries there are.
    pub(super) fn change_entries(&self, recorder: &'static Recorder, by: i64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.iter_mut().find(|(known, _)| std::ptr::eq(*known, recorder)) {
            Some((_, number)) => *number += by,
            None => entries.push((recorder, by)),
        }
        add_to_gauge(self.name, recorder, by);
    }
}

impl Drop for TierMeter {
    /// The entries go with the cache, and nobody is told of each.
    fn drop(&mut self) {
        let entries = self.entries.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (recorder, number) in entries.drain(..) {
            add_to_gauge(self.name, recorder, -number);
        }
    }
}

fn add_to_gauge(name: &str, recorder: &'static Recorder, by: i64) {
    if let Some(entries) = recorder.gauge(Id::CacheEntries, &[name]) {
        entries.add(by);
    }
}

/// A series of the recorder that a cache was used with first, looked up once: a hit has no time to do so each time.
#[derive(Default)]
struct HitCell(OnceLock<(&'static Recorder, Cell)>);

impl HitCell {
    #[inline]
    fn add(&self, recorder: &'static Recorder, id: Id, labels: &[&str], n: u64) {
        match self.0.get() {
            Some((known, cell)) if std::ptr::eq(*known, recorder) => {
                if recorder.is_enabled() {
                    cell.add(n);
                }
            }
            _ => {
                recorder.add(id, labels, n);
                if let Some(cell) = recorder.cell(id, labels) {
                    let _ = self.0.set((recorder, cell));
                }
            }
        }
    }
}
