//! Exemplars: a sampled call for each histogram bucket, and the latest one of a counter.

use std::sync::{Mutex, OnceLock};

use crate::clock::Monotonic;
use crate::id::SpanIds;

/// A call whose trace is sampled: the target of exemplars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampled {
    pub(crate) span: SpanIds,
    /// Dated when it is read: calls ask no wall clock.
    pub(crate) at: Monotonic,
}

/// The part of a series that a sampled call added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) call: Sampled,
    /// In the unit of the cells: nanoseconds, nano-dollars, or whole units.
    pub(crate) amount: u64,
}

/// The latest exemplar of each bucket.
///
/// Allocated with the first sampled call: most series are never sampled.
pub(crate) struct Exemplars(OnceLock<Box<Mutex<Latest>>>);

type Latest = Box<[Option<Exemplar>]>;

impl Exemplars {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Replaces the exemplar of one of `buckets`, unless the lock is contended: a call never waits here.
    pub(crate) fn put(&self, bucket: usize, buckets: usize, exemplar: Exemplar) {
        let latest = self.0.get_or_init(|| Box::new(Mutex::new(vec![None; buckets].into())));
        if let Ok(mut latest) = latest.try_lock()
            && let Some(slot) = latest.get_mut(bucket)
        {
            *slot = Some(exemplar);
        }
    }

    /// Returns the exemplar of each bucket; nothing if no call was sampled.
    pub(crate) fn read(&self) -> Vec<Option<Exemplar>> {
        match self.0.get().map(|latest| latest.lock()) {
            Some(Ok(latest)) => latest.to_vec(),
            _ => Vec::new(),
        }
    }
}
