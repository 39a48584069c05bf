//! The program's own books: what it did, counted where it is done and without the library.

use std::sync::atomic::{AtomicU64, Ordering};

/// The books of the process.
pub(crate) static BOOKS: Books = Books {
    visits: Entry::new(),
    nano_usd: Entry::new(),
    unpriced_tokens: Entry::new(),
    unpriced_calls: Entry::new(),
    looked_up: Entry::new(),
    evaluated: Entry::new(),
    retried: Entry::new(),
    attempted: Entry::new(),
    helped: Entry::new(),
    primaries: Entry::new(),
    helpers: Entry::new(),
    guarded: Entry::new(),
    admitted: Entry::new(),
    probed: Entry::new(),
};

/// One count for each kind of event.
#[derive(Debug)]
pub(crate) struct Books {
    /// Calls of the function with a capped label.
    pub(crate) visits: Entry,
    /// The cost of all calls to the model with a price.
    pub(crate) nano_usd: Entry,
    /// The tokens of all calls to the model without a price.
    pub(crate) unpriced_tokens: Entry,
    /// The calls to it.
    pub(crate) unpriced_calls: Entry,
    /// Calls at the cache.
    pub(crate) looked_up: Entry,
    /// Runs of the work behind the cache.
    pub(crate) evaluated: Entry,
    /// Calls at the retry.
    pub(crate) retried: Entry,
    /// Runs of the work behind the retry.
    pub(crate) attempted: Entry,
    /// Calls at the fallback.
    pub(crate) helped: Entry,
    /// Runs of the work that has a fallback.
    pub(crate) primaries: Entry,
    /// Runs of the fallback.
    pub(crate) helpers: Entry,
    /// Calls at the circuit breaker.
    pub(crate) guarded: Entry,
    /// Runs of the work behind the circuit breaker.
    pub(crate) admitted: Entry,
    /// Those of them that began while the circuit was half-open.
    pub(crate) probed: Entry,
}

/// A count that only grows.
#[derive(Debug)]
pub(crate) struct Entry(AtomicU64);

impl Entry {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::SeqCst);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
