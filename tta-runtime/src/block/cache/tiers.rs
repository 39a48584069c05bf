//! Where a cache keeps answers: the order in which its tiers are asked, and filled.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::entry::CacheEntry;
use crate::recorder::Recorder;

/// One call's way through the tiers.
pub struct Lookup {
    pub(super) recorder: &'static Recorder,
    /// The tier that was asked last.
    pub(super) cache_type: &'static str,
    /// The nanoseconds that looking into memory took.
    pub(super) peek_nanoseconds: u64,
    /// How much longer the call may wait for a backend; `None` while it has not waited for one.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "memory takes no wait_left"))]
    pub(super) wait_left: Option<Duration>,
}

impl Lookup {
    pub(super) fn new(recorder: &'static Recorder) -> Self {
        Self { recorder, cache_type: "", peek_nanoseconds: 0, wait_left: None }
    }
}

/// How a tier, or several of them, is opened for one cache.
pub trait Store<Q, V> {
    /// What keeps the answers.
    type Tiers: Tiers<Q, V>;

    /// Opens the place where answers are kept.
    fn open(self, settings: CacheSettings) -> Self::Tiers;
}

/// What tells one cache's answers from another's, and when they are forgotten.
pub struct CacheSettings {
    pub(super) name: &'static str,
    /// Where the cache is built: its series are there from then on.
    pub(super) recorder: &'static Recorder,
    /// What the answers are of: the cache's own name, or else the work's type, since functions may have one name.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "a cache in memory has its entries to itself"))]
    pub(super) work: &'static str,
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "a cache in memory has its entries to itself"))]
    pub(super) namespace: String,
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "a cache in memory knows one version"))]
    pub(super) version: u32,
    pub(super) time_to_live: Option<Duration>,
}

/// Where answers are kept.
pub trait Tiers<Q, V>: Send + Sync {
    /// Looks where looking takes no time.
    fn peek(&self, key: &Q, lookup: &mut Lookup) -> Option<Arc<CacheEntry<V>>>;

    /// Looks everywhere, while no other call of the process works on the key.
    fn get(&self, key: &Arc<Q>, lookup: &mut Lookup) -> impl Future<Output = Option<CacheEntry<V>>> + Send;

    /// Counts that another call had what this one looks for.
    fn count_coalesced(&self, lookup: &mut Lookup);

    /// Counts that another call had looked for the same in vain, and its work failed.
    fn count_missed(&self, lookup: &mut Lookup);

    /// Stores a new answer.
    fn store(&self, key: &Arc<Q>, answer: CacheEntry<V>, lookup: &mut Lookup) -> impl Future<Output = ()> + Send;
}
