//! Exemplars: a sampled call for each histogram bucket, and the latest one of a counter.

use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use crate::clock::{ClockAnchor, Monotonic};
use crate::id::SpanIds;

/// A call whose trace is sampled: the target of exemplars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampled {
    pub(crate) span: SpanIds,
    /// Dated when it is read first: calls ask no wall clock.
    pub(crate) at: Monotonic,
}

/// The part of a series that a sampled call added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) span: SpanIds,
    pub(crate) at: SystemTime,
    /// In the unit of the cells: nanoseconds, nano-dollars, or whole units.
    pub(crate) amount: u64,
}

/// An exemplar as it is kept.
#[derive(Clone, Copy)]
struct Kept {
    call: Sampled,
    amount: u64,
    /// Set once it was read: Prometheus takes another date for another exemplar.
    at: Option<SystemTime>,
}

/// The latest exemplar of each bucket.
///
/// Allocated with the first sampled call: most series are never sampled.
pub(crate) struct Exemplars(OnceLock<Box<Mutex<Latest>>>);

type Latest = Box<[Option<Kept>]>;

impl Exemplars {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Replaces the exemplar of one of `buckets`, unless the lock is contended: a call never waits here.
    pub(crate) fn put(&self, bucket: usize, buckets: usize, call: Sampled, amount: u64) {
        let latest = self.0.get_or_init(|| Box::new(Mutex::new(vec![None; buckets].into())));
        if let Ok(mut latest) = latest.try_lock()
            && let Some(slot) = latest.get_mut(bucket)
        {
            *slot = Some(Kept { call, amount, at: None });
        }
    }

    /// Returns the exemplar of each bucket, dated by the anchor if it is read for the first time; nothing if no call was sampled.
    pub(crate) fn read(&self, anchor: ClockAnchor) -> Vec<Option<Exemplar>> {
        let dated = |kept: &mut Kept| {
            let at = *kept.at.get_or_insert_with(|| anchor.wall(kept.call.at));
            Exemplar { span: kept.call.span, at, amount: kept.amount }
        };
        match self.0.get().map(|latest| latest.lock()) {
            Some(Ok(mut latest)) => latest.iter_mut().map(|slot| slot.as_mut().map(dated)).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exemplars, Sampled};
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;

    #[test]
    fn an_exemplar_keeps_the_date_of_its_first_reading() {
        let exemplars = Exemplars::new();
        let call = Sampled { span: SpanIds::NONE, at: Monotonic::default() };
        exemplars.put(1, 2, call, 7);
        let first = exemplars.read(Clock::System.anchor());
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(exemplars.read(Clock::System.anchor()), first);
        assert_eq!(first.iter().map(|one| one.map(|one| one.amount)).collect::<Vec<_>>(), [None, Some(7)]);
        exemplars.put(1, 2, call, 8);
        assert_eq!(exemplars.read(Clock::System.anchor())[1].map(|one| one.amount), Some(8));
    }
}
