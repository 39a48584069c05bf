//! What two inputs with the same answer have in common.

use std::borrow::Cow;
use std::hash::Hash;

/// How a cache makes a key of an input.
pub trait CacheKey<I>: Send + Sync {
    /// What is compared: answers are never taken from an unequal key.
    type Key: Eq + Hash + Clone + Send + Sync + 'static;

    /// Returns the key of an input.
    fn key<'a>(&self, input: &'a I) -> Cow<'a, Self::Key>;
}

/// Takes the whole input as the key.
#[derive(Clone, Copy, Debug)]
pub struct WholeInput;

impl<I: Eq + Hash + Clone + Send + Sync + 'static> CacheKey<I> for WholeInput {
    type Key = I;

    fn key<'a>(&self, input: &'a I) -> Cow<'a, I> {
        Cow::Borrowed(input)
    }
}

/// Takes what a function makes of the input as the key.
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

/// Keeps the keys of each tenant apart; a function says whose an input is.
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
