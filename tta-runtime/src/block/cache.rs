//! Answers that are kept, so that the same question costs nothing the second time.

mod answer;
mod cached;
mod flight;
mod key;
mod memory;
mod meter;
#[cfg(test)]
mod tests;
mod tiers;

/// The lock that the single flight is made of; its model test puts another one in its place.
mod sync {
    pub(super) use std::sync::{Mutex, MutexGuard};
}

use std::time::Duration;

pub use cached::Cached;
pub use key::{By, InNamespace, KeyOf, WholeInput};
pub use memory::Memory;

/// Keeps the outputs of the work that it is put around: in memory.
///
/// Errors are not kept. While one call works on a key, others of the process that ask for the same key wait for it; where
/// it fails or is dropped, the next of them takes over. A hit bills no tokens, and counts as saved what the answer had
/// cost. Answers are told apart by the whole key, not by its hash alone.
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
}

impl<S> Cache<S> {
    fn of(store: S) -> Self {
        Self { store, key: WholeInput, name: None, time_to_live: None }
    }
}

impl Cache<Memory> {
    /// Keeps at most `capacity` answers in the process.
    pub fn memory(capacity: u64) -> Self {
        Self::of(Memory { capacity })
    }
}

impl<S, K> Cache<S, K> {
    /// Forgets answers this long after they were stored.
    pub fn ttl(self, time_to_live: Duration) -> Self {
        Self { time_to_live: Some(time_to_live), ..self }
    }

    /// Gives the cache a name of its own, by which metrics and the service map know it; without one it has the name
    /// of the work.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
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
    pub fn key<I, Q, F: Fn(&I) -> Q>(self, key: F) -> Cache<S, By<F>> {
        self.with_key(|_| By(key))
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
        K: KeyOf<I>,
        N: Fn(&I) -> T,
    {
        self.with_key(|key| InNamespace { namespace: tenant, key })
    }

    fn with_key<L>(self, change: impl FnOnce(K) -> L) -> Cache<S, L> {
        let Self { store, key, name, time_to_live } = self;
        Cache { store, key: change(key), name, time_to_live }
    }
}
