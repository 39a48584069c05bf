//! The metrics of one tier of a cache.

use std::sync::{Mutex, PoisonError};

use crate::block::known_cell::KnownCell;
use crate::recorder::Recorder;
use crate::schema::Id;

/// The label `operation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A look-up found an entry.
    Hit,
    /// A look-up found no entry.
    Miss,
    /// A look-up received an entry that another call was looking up or computing.
    Coalesced,
    /// A look-up failed, or found an unreadable value.
    #[cfg(feature = "redis")]
    Error,
    /// An entry was stored.
    Store,
    /// An entry could not be stored.
    #[cfg(feature = "redis")]
    StoreError,
    /// An entry exceeds the maximum number of bytes and was not stored.
    #[cfg(feature = "redis")]
    TooLarge,
    /// An entry was evicted to make room.
    Evict,
    /// An entry reached its time to live.
    Expire,
}

impl Operation {
    /// The operations of the memory tier.
    pub(super) const IN_MEMORY: &[Self] =
        &[Self::Hit, Self::Miss, Self::Coalesced, Self::Store, Self::Evict, Self::Expire];

    /// The operations of the Redis tier.
    #[cfg(feature = "redis")]
    pub(super) const IN_REDIS: &[Self] =
        &[Self::Hit, Self::Miss, Self::Coalesced, Self::Error, Self::Store, Self::StoreError, Self::TooLarge];

    fn is_lookup(self) -> bool {
        match self {
            Self::Hit | Self::Miss | Self::Coalesced => true,
            #[cfg(feature = "redis")]
            Self::Error => true,
            _ => false,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            #[cfg(feature = "redis")]
            Self::Error => "error",
            Self::Store => "store",
            #[cfg(feature = "redis")]
            Self::StoreError => "store_error",
            #[cfg(feature = "redis")]
            Self::TooLarge => "too_large",
            Self::Evict => "evict",
            Self::Expire => "expire",
        }
    }
}

/// Records the operations and the entries of one tier of one cache.
pub(super) struct TierMeter {
    /// The cache's name.
    pub(super) name: &'static str,
    /// The label `cache_type`.
    pub(super) cache_type: &'static str,
    hits: KnownCell,
    /// The number of entries by recorder, since one cache may be used under several.
    entries: Mutex<Vec<(&'static Recorder, i64)>>,
}

impl TierMeter {
    /// Declares the series of these operations at 0.
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
        Self { name, cache_type, hits: KnownCell::default(), entries: Mutex::default() }
    }

    /// Counts an operation without a duration.
    pub(super) fn count(&self, recorder: &'static Recorder, operation: Operation) {
        recorder.add(Id::CacheOperations, &[self.name, self.cache_type, operation.as_str()], 1);
    }

    /// Records a look-up of `took` nanoseconds. The count of the duration histogram counts the operation, so
    /// [`count`](Self::count) must not be called as well.
    #[inline]
    pub(super) fn record_lookup(&self, recorder: &'static Recorder, operation: Operation, took: u64) {
        let labels = [self.name, self.cache_type, operation.as_str()];
        match operation {
            Operation::Hit => self.hits.add(recorder, Id::CacheLatency, &labels, took),
            _ => recorder.add(Id::CacheLatency, &labels, took),
        }
    }

    /// Adds to the number of entries.
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
    /// Subtracts the entries that are dropped with the cache: the store reports no removal for them.
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
