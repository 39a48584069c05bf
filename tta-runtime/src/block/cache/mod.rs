//! A layer that caches the outputs of work in memory, in Redis, or in both.
//!
//! A program adds a [`Cache`]; the other items are the types of its stores and keys. Their contents are private: stores
//! and keys of a program's own are not supported.

mod cached;
mod entry;
mod flight;
mod key;
mod memory;
mod meter;
mod on_error;
#[cfg(feature = "redis")]
mod redis;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(feature = "redis")]
mod tiered;
mod tiers;

/// The locks of the single flight; the model test substitutes loom's.
mod sync {
    pub(super) use std::sync::{Mutex, MutexGuard};
}

use std::time::Duration;

pub use cached::Cached;
pub use entry::CacheEntry;
pub use key::{CacheKey, InNamespace, KeyedBy, WholeInput};
pub use memory::{Memory, MemoryTier};
pub use on_error::OnError;
#[cfg(feature = "redis")]
pub use redis::RedisTier;
#[cfg(all(feature = "redis", fuzzing))]
#[doc(hidden)]
pub use redis::open_forged;
pub use settings::CacheSettings;
#[cfg(feature = "redis")]
pub use tiered::{Tiered, TwoTiers};
pub use tiers::{Lookup, Store, Tiers};

#[cfg(feature = "redis")]
pub use crate::redis::{Redis, RedisAddressError};

/// Caches the outputs of work: in memory, in Redis, or in both.
///
/// Errors are not cached. Concurrent calls of a process for one key share a single flight: one call leads and the
/// others wait for its output. If the leader is dropped, the newest waiter takes over, which has the most time left. If it
/// fails or panics, one waiter retries, and if that fails as well, all waiters fail; [`on_error`](Self::on_error) chooses
/// otherwise. A hit costs no tokens, and the cost of the cached output
/// counts as saved. Keys are compared as a whole, never by their hash alone.
///
/// A failure of the cache never fails a call: if Redis is down, slow or full, or holds an unreadable value, the look-up
/// counts as `error` and the work runs.
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
    on_error: OnError,
}

impl<S> Cache<S> {
    fn with_store(store: S) -> Self {
        Self {
            store,
            key: WholeInput,
            name: None,
            time_to_live: None,
            namespace: String::new(),
            version: 0,
            on_error: OnError::default(),
        }
    }
}

impl Cache<Memory> {
    /// Keeps at most `capacity` outputs in memory; 0 keeps none. A full cache evicts outputs that are rarely used.
    pub fn memory(capacity: u64) -> Self {
        Self::with_store(Memory { capacity })
    }
}

#[cfg(feature = "redis")]
impl Cache<Redis> {
    /// Keeps outputs in Redis, where other processes find them.
    ///
    /// Outputs and keys are serialized as CBOR by `serde`. Values that JSON cannot distinguish, such as `Some(None)`
    /// or `Some(())` and `None`, become equal here, too. In Redis an output is identified by the name that the cache was
    /// [given](Cache::named), or else by the type of the work. Two closures in one function may have the same type
    /// name, so give their caches names. A [`namespace`](Cache::namespace) separates the caches of different programs.
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
    /// Keeps at most `capacity` outputs in memory, and all outputs in Redis.
    ///
    /// Memory is read first. An output that is found in Redis alone is copied to memory, and expires there when it does
    /// in Redis.
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
    /// Sets the time to live of outputs, on the recorder's monotonic clock in memory, and on the server's in Redis;
    /// there is no limit by default.
    pub fn ttl(self, time_to_live: Duration) -> Self {
        Self { time_to_live: Some(time_to_live), ..self }
    }

    /// Gives the cache a name and a node of its own in the service map; outputs in Redis are stored under this name,
    /// too.
    ///
    /// The default is the name of the work.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Separates the outputs in Redis from those of other programs or tenants; the default is the empty namespace.
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// Sets the version of the work; only outputs that were stored under the same version are read. The default is 0.
    ///
    /// Raise the version when the same input leads to a different output than before.
    pub fn version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// Sets what calls do that wait for another call's output, when that call fails. By default one of them retries, and if
    /// that fails as well, the others fail with [`BlockError::LeaderFailed`](crate::block::BlockError::LeaderFailed).
    ///
    /// ```
    /// use tta_runtime::block::{Block, BlockError, Cache, OnError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn ask(_: u32) -> Result<String, &'static str> {
    ///     tokio::task::yield_now().await;
    ///     Err("too many requests")
    /// }
    ///
    /// let cached = ask.with(Cache::memory(100).on_error(OnError::Retry(0)));
    /// let (leader, waiter) = tokio::join!(cached.run(7), cached.run(7));
    /// assert_eq!(leader, Err(BlockError::Inner("too many requests")));
    /// assert_eq!(waiter, Err(BlockError::LeaderFailed { attempts: 1 }));
    /// # }
    /// ```
    pub fn on_error(self, on_error: OnError) -> Self {
        Self { on_error, ..self }
    }

    /// Uses the output of `key` as the key, instead of the whole input.
    ///
    /// Inputs with equal keys share one output, so the key must contain everything that the output depends on, such as
    /// the model or the user's permissions.
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

    /// Separates the outputs of tenants; `tenant` returns the tenant of an input.
    ///
    /// The order matters: call [`key`](Self::key) first, since it replaces the whole key.
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
        let Self { store, key, name, time_to_live, namespace, version, on_error } = self;
        Cache { store, key: change(key), name, time_to_live, namespace, version, on_error }
    }
}
