//! A kept answer, and what is known about it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Monotonic;
use crate::model::{ModelName, NanoUsd};
use crate::recorder::Recorder;
use crate::schema::Id;

/// A kept answer, what it had cost, and how old it is.
#[derive(Clone)]
pub struct CacheEntry<V> {
    pub(super) value: V,
    /// `None` where no model was paid.
    pub(super) costs: Option<Arc<[(ModelName, NanoUsd)]>>,
    /// The recorder that knows the answer: its clock dates it, and what becomes of it is counted there.
    pub(super) recorder: &'static Recorder,
    /// How long it may stay in memory; `None` where it has no end.
    pub(super) time_to_live: Option<Duration>,
    received: Monotonic,
    age_when_received: Duration,
}

impl<V> CacheEntry<V> {
    /// Makes an answer that was `age` old when it came here, now.
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

    /// Returns whether it is expired at this time of its recorder.
    pub(super) fn is_expired_at(&self, now: Monotonic) -> bool {
        self.time_to_live.is_some_and(|time_to_live| self.time_held(now) >= time_to_live)
    }

    /// Returns how long the answer has been here at this time of its recorder.
    fn time_held(&self, now: Monotonic) -> Duration {
        now.since(self.received)
    }

    pub(super) fn costs(&self) -> &[(ModelName, NanoUsd)] {
        self.costs.as_deref().unwrap_or_default()
    }

    /// Counts what was not paid again.
    pub(super) fn count_savings(&self, recorder: &Recorder) {
        for (ModelName { provider, model }, cost) in self.costs() {
            recorder.add(Id::LlmSavings, &[provider, model, "cache"], cost.0);
        }
    }
}
