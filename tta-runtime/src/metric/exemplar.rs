//! Exemplars: a sampled call for each histogram bucket, and the latest one of a counter.

use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use crate::id::SpanIds;

/// A call whose trace is sampled: the target of exemplars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampled {
    pub(crate) span: SpanIds,
    pub(crate) at: SystemTime,
}

/// The part of a series that a sampled call added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) call: Sampled,
    /// In the unit of the cells: nanoseconds, nano-dollars, or whole units.
    pub(crate) amount: u64,
}

/// The latest exemplar of each bucket.
pub(crate) struct Exemplars {
    buckets: usize,
    // Allocated with the first sampled call: most series are never sampled.
    latest: OnceLock<Mutex<Box<[Option<Exemplar>]>>>,
}

impl Exemplars {
    pub(crate) fn new(buckets: usize) -> Self {
        Self { buckets, latest: OnceLock::new() }
    }

    /// Replaces a bucket's exemplar, unless the lock is contended: a call never waits here.
    pub(crate) fn put(&self, bucket: usize, exemplar: Exemplar) {
        let latest = self.latest.get_or_init(|| Mutex::new(vec![None; self.buckets].into()));
        if let Ok(mut latest) = latest.try_lock()
            && let Some(slot) = latest.get_mut(bucket)
        {
            *slot = Some(exemplar);
        }
    }

    pub(crate) fn read(&self) -> Vec<Option<Exemplar>> {
        match self.latest.get().map(Mutex::lock) {
            Some(Ok(latest)) => latest.to_vec(),
            _ => vec![None; self.buckets],
        }
    }
}
