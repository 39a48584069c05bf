//! A cached output, with its costs and its age.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Monotonic;
use crate::model::{ModelName, NanoUsd};
use crate::recorder::Recorder;
use crate::schema::Id;

/// A cached output, with the cost of its model calls and its age.
#[derive(Clone)]
pub struct CacheEntry<V> {
    pub(super) value: V,
    /// The cost by model; `None` if no model call had a price.
    pub(super) costs: Option<Arc<[(ModelName, NanoUsd)]>>,
    /// The recorder under which the entry was stored. Its clock dates the entry, and it counts the entry's removal.
    pub(super) recorder: &'static Recorder,
    /// How long the entry stays in memory; `None` for no limit.
    pub(super) time_to_live: Option<Duration>,
    received: Monotonic,
    age_when_received: Duration,
}

impl<V> CacheEntry<V> {
    /// Makes an entry that is received now, at the age `age_when_received`.
    pub(super) fn new(
        value: V,
        costs: Vec<(ModelName, NanoUsd)>,
        recorder: &'static Recorder,
        age_when_received: Duration,
    ) -> Self {
        let costs = (!costs.is_empty()).then(|| costs.into());
        Self { value, costs, recorder, time_to_live: None, received: recorder.clock.now(), age_when_received }
    }

    pub(super) fn age(&self) -> Duration {
        self.age_when_received.saturating_add(self.time_held(self.recorder.clock.now()))
    }

    pub(super) fn is_expired(&self) -> bool {
        self.is_expired_at(self.recorder.clock.now())
    }

    /// Returns whether the entry is expired at `now`, a time of its own recorder's clock.
    pub(super) fn is_expired_at(&self, now: Monotonic) -> bool {
        self.time_to_live.is_some_and(|time_to_live| self.time_held(now) >= time_to_live)
    }

    fn time_held(&self, now: Monotonic) -> Duration {
        now.since(self.received)
    }

    #[cfg(feature = "redis")]
    pub(super) fn costs(&self) -> &[(ModelName, NanoUsd)] {
        self.costs.as_deref().unwrap_or_default()
    }

    /// Counts the entry's cost as saved.
    pub(super) fn count_savings(&self, recorder: &Recorder) {
        for (ModelName { provider, model }, cost) in self.costs.as_deref().unwrap_or_default() {
            recorder.add(Id::LlmSavings, &[provider, model, "cache"], cost.0);
        }
    }
}
