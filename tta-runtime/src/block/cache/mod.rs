//! Answers that are kept, so that the same question costs nothing the second time.

mod cached;
mod entry;
mod flight;
mod key;
mod memory;
mod meter;
#[cfg(feature = "redis")]
mod redis;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(feature = "redis")]
mod tiered;
mod tiers;

/// The lock that the single flight is made of; its model test puts another one in its place.
mod sync {
    pub(super) use std::sync::{Mutex, MutexGuard};
}

use std::time::Duration;

pub use cached::Cached;
pub use entry::CacheEntry;
pub use key::{CacheKey, InNamespace, KeyedBy, WholeInput};
pub use memory::{Memory, MemoryTier};
#[cfg(feature = "redis")]
pub use redis::{Redis, RedisAddressError, RedisTier};
pub use settings::CacheSettings;
#[cfg(feature = "redis")]
pub use tiered::{Tiered, TwoTiers};
pub use tiers::{Lookup, Store, Tiers};

/// Keeps the outputs of the work that it is put around: in memory, in Redis, or in both.
///
/// Errors are not kept. While one call works on a key, others of the process that ask for the same key wait for it. Where it
/// fails or panics, all of them do their own work at once; where it is dropped, the one that came last takes over, which has the
/// most time left. A hit bills no tokens, and counts as saved what the answer had cost. Answers are told apart by the whole key,
/// not by its hash alone.
///
/// A backend that is down, slow, full or holds something unreadable never fails a call: the look-up counts as `error`,
/// and the work is done.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::{Block, Cache};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// async fn length(text: String) -> Result<usize, String> {
///     Ok(text.len())
/// }
///
/// let cached = length.with(Cache::memory(1_000).ttl(Duration::from_secs(3_600)));
/// assert_eq!(cached.run("four".to_owned()).await, Ok(4));
/// assert_eq!(cached.run("four".to_owned()).await, Ok(4));
/// assert!(tta_runtime::metrics_text().contains(
///     r#"tta_cache_operations_total{primitive_name="length",cache_type="memory",operation="hit"} 1"#
/// ));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a cache does nothing until it is put around work by `with`"]
pub struct Cache<S, K = WholeInput> {
    store: S,
    key: K,
    name: Option<&'static str>,
    time_to_live: Option<Duration>,
    namespace: String,
    version: u32,
}

impl<S> Cache<S> {
    fn with_store(store: S) -> Self {
        Self { store, key: WholeInput, name: None, time_to_live: None, namespace: String::new(), version: 0 }
    }
}

impl Cache<Memory> {
    /// Keeps at most `capacity` answers in the process.
    pub fn memory(capacity: u64) -> Self {
        Self::with_store(Memory { capacity })
    }
}

#[cfg(feature = "redis")]
impl Cache<Redis> {
    /// Keeps answers in Redis, where other processes find them, too.
    ///
    /// The output and the key are written down by `serde`, in CBOR: what JSON cannot tell apart, such as `Some(None)` from
    /// `None`, this cannot either. In Redis an answer has the name that the cache was [given](Cache::named), or else the type of
    /// the work: two closures of one function have one type there, so such caches are to be named. Caches of other programs
    /// are kept apart by a [`namespace`](Cache::namespace).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tta_runtime::block::{Block, Cache, Redis};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn length(text: String) -> Result<usize, String> {
    ///     Ok(text.len())
    /// }
    ///
    /// // Nothing listens there: the work is done each time.
    /// let redis = Redis::server("redis://127.0.0.1:1").unwrap();
    /// let cached = length.with(Cache::redis(redis).ttl(Duration::from_secs(3_600)));
    /// assert_eq!(cached.run("four".to_owned()).await, Ok(4));
    /// assert!(tta_runtime::metrics_text().contains(
    ///     r#"tta_cache_operations_total{primitive_name="length",cache_type="redis",operation="error"} 1"#
    /// ));
    /// # }
    /// ```
    pub fn redis(redis: Redis) -> Self {
        Self::with_store(redis)
    }
}

#[cfg(feature = "redis")]
impl Cache<Tiered> {
    /// Keeps at most `capacity` answers in the process, and all of them in Redis.
    ///
    /// Memory is asked first; what only Redis has is taken into memory for as long as Redis is to keep it.
    ///
    /// ```
    /// use tta_runtime::block::{Block, Cache, Redis};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn width(text: String) -> Result<usize, String> {
    ///     Ok(text.chars().count())
    /// }
    ///
    /// // Nothing listens there: memory alone keeps the answer.
    /// let redis = Redis::server("redis://127.0.0.1:1").unwrap();
    /// let cached = width.with(Cache::tiered(1_000, redis));
    /// assert_eq!((cached.run("four".to_owned()).await, cached.run("four".to_owned()).await), (Ok(4), Ok(4)));
    /// assert!(tta_runtime::metrics_text().contains(
    ///     r#"tta_cache_operations_total{primitive_name="width",cache_type="memory",operation="hit"} 1"#
    /// ));
    /// # }
    /// ```
    pub fn tiered(capacity: u64, redis: Redis) -> Self {
        Self::with_store(Tiered { capacity, redis })
    }
}

impl<S, K> Cache<S, K> {
    /// Forgets answers this long after they were stored: on the monotonic clock in memory, by Redis' own in Redis.
    pub fn ttl(self, time_to_live: Duration) -> Self {
        Self { time_to_live: Some(time_to_live), ..self }
    }

    /// Gives the cache a name of its own, by which metrics, the service map and Redis know it; without one it has the name
    /// of the work.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Keeps the answers in Redis apart from those of another program or tenant.
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// Reads only what was stored under the same version, 0 unless set: to be raised when the work changes what it answers.
    pub fn version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// Takes what `key` makes of the input as the key, instead of the whole input.
    ///
    /// Inputs with equal keys have the same answer: whatever else the work depends on, such as the model or the user's
    /// rights, belongs into it.
    ///
    /// ```
    /// use tta_runtime::block::{Block, Cache};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let double = async |number: f64| Ok::<_, ()>(number * 2.0);
    /// let cached = double.with(Cache::memory(100).key(|number: &f64| number.to_bits()));
    /// assert_eq!(cached.run(1.5).await, Ok(3.0));
    /// # }
    /// ```
    pub fn key<I, Q, F: Fn(&I) -> Q>(self, key: F) -> Cache<S, KeyedBy<F>> {
        self.with_key(|_| KeyedBy(key))
    }

    /// Keeps the answers of each tenant apart; `tenant` says whose an input is. To be called after [`key`](Self::key).
    ///
    /// ```
    /// use tta_runtime::block::{Block, Cache};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn greet((tenant, name): (u32, String)) -> Result<String, String> {
    ///     Ok(format!("{name} of {tenant}"))
    /// }
    ///
    /// let cache = Cache::memory(100).key(|(_, name): &(u32, String)| name.clone()).namespace_by(|(tenant, _)| *tenant);
    /// let cached = greet.with(cache);
    /// assert_eq!(cached.run((1, "Ada".to_owned())).await.as_deref(), Ok("Ada of 1"));
    /// assert_eq!(cached.run((2, "Ada".to_owned())).await.as_deref(), Ok("Ada of 2"));
    /// # }
    /// ```
    pub fn namespace_by<I, T, N>(self, tenant: N) -> Cache<S, InNamespace<N, K>>
    where
        K: CacheKey<I>,
        N: Fn(&I) -> T,
    {
        self.with_key(|key| InNamespace { namespace: tenant, key })
    }

    fn with_key<L>(self, change: impl FnOnce(K) -> L) -> Cache<S, L> {
        let Self { store, key, name, time_to_live, namespace, version } = self;
        Cache { store, key: change(key), name, time_to_live, namespace, version }
    }
}
