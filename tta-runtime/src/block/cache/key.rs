//! Cache keys: the function from an input to the value that identifies its output.

use std::borrow::Cow;
use std::hash::Hash;

/// A function from the input of the work to the key of its output.
pub trait CacheKey<I>: Send + Sync {
    /// The type of the keys. Keys are compared as a whole, never by their hash alone.
    type Key: Eq + Hash + Clone + Send + Sync + 'static;

    /// Returns the key of an input.
    fn key<'a>(&self, input: &'a I) -> Cow<'a, Self::Key>;
}

/// The whole input is the key; the default of a [`Cache`](super::Cache).
#[derive(Clone, Copy, Debug)]
pub struct WholeInput;

impl<I: Eq + Hash + Clone + Send + Sync + 'static> CacheKey<I> for WholeInput {
    type Key = I;

    fn key<'a>(&self, input: &'a I) -> Cow<'a, I> {
        Cow::Borrowed(input)
    }
}

/// The output of a function is the key; set by [`Cache::key`](super::Cache::key).
#[derive(Clone, Copy, Debug)]
pub struct KeyedBy<F>(pub(super) F);

impl<I, Q, F> CacheKey<I> for KeyedBy<F>
where
    Q: Eq + Hash + Clone + Send + Sync + 'static,
    F: Fn(&I) -> Q + Send + Sync,
{
    type Key = Q;

    fn key<'a>(&self, input: &'a I) -> Cow<'a, Q> {
        Cow::Owned((self.0)(input))
    }
}

/// The key and a tenant; set by [`Cache::namespace_by`](super::Cache::namespace_by).
#[derive(Clone, Copy, Debug)]
pub struct InNamespace<N, K> {
    pub(super) namespace: N,
    pub(super) key: K,
}

impl<I, T, N, K> CacheKey<I> for InNamespace<N, K>
where
    T: Eq + Hash + Clone + Send + Sync + 'static,
    N: Fn(&I) -> T + Send + Sync,
    K: CacheKey<I>,
{
    type Key = (T, K::Key);

    fn key<'a>(&self, input: &'a I) -> Cow<'a, (T, K::Key)> {
        Cow::Owned(((self.namespace)(input), self.key.key(input).into_owned()))
    }
}
