//! The last hour: samples of all sums, readings of each minute, and the changes of circuit breakers.

mod minute;
mod sample;
mod score_events;
mod spread;
mod totals;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub(super) use self::minute::{Events, Minute, Minutes, Primitive};
pub(super) use self::sample::{STEP_SECONDS, Sample, Samples, WithEarlier};
pub(super) use self::score_events::ScoreEvents;
pub(super) use self::totals::{address, judged};
use crate::llm::budget;
use crate::recorder::{Recorder, StateChange, StateChanges};
use crate::snapshot::Snapshot;

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) samples: Samples,
    pub(super) minutes: Minutes,
    changes: BTreeMap<&'static str, VecDeque<StateChange>>,
}

/// The most circuit breakers with a history, and the most changes of each.
const MOST_BREAKERS: usize = 200;
const MOST_CHANGES: usize = 50;

impl History {
    /// Takes a sample, and each minute a reading of everything.
    pub(super) fn sample(&mut self, recorder: &'static Recorder) {
        let snapshot = Snapshot::take(recorder);
        let sample = self.samples.read(recorder, &snapshot);
        let at = sample.at;
        self.samples.push(sample);
        // The sampling is half a step off at most.
        let is_due = |latest: &Minute| at.since(latest.at) + Duration::from_millis(2_500) >= Duration::from_secs(60);
        if self.minutes.latest().is_none_or(is_due) {
            let accounts = budget::accounts(recorder, at, minute::MOST_ACCOUNTS);
            self.minutes.push(Minute::read(at, &snapshot, &accounts));
        }
        self.take_changes(recorder);
    }

    /// Returns the time until the next sample is due: late ones do not put off those that follow.
    pub(super) fn wait(&self, recorder: &'static Recorder) -> Duration {
        self.samples.wait(recorder.clock.now())
    }

    /// Reads all sums now.
    pub(super) fn now(&self, recorder: &'static Recorder, snapshot: &Snapshot) -> Sample {
        self.samples.read(recorder, snapshot)
    }

    /// Moves the changes of circuit breakers here.
    pub(super) fn take_changes(&mut self, recorder: &'static Recorder) {
        for change in recorder.state_changes.get().into_iter().flat_map(StateChanges::take) {
            if self.changes.len() >= MOST_BREAKERS && !self.changes.contains_key(change.name) {
                continue;
            }
            let of_breaker = self.changes.entry(change.name).or_default();
            of_breaker.push_back(change);
            if of_breaker.len() > MOST_CHANGES {
                of_breaker.pop_front();
            }
        }
    }

    /// Returns the latest changes of a circuit breaker, the oldest first.
    pub(super) fn changes(&self, name: &str) -> impl Iterator<Item = &StateChange> {
        self.changes.get(name).into_iter().flatten()
    }

    /// Returns the bytes that the history takes, about.
    pub(super) fn bytes(&self) -> usize {
        let changes: usize = self.changes.values().map(|changes| changes.capacity() * size_of::<StateChange>()).sum();
        self.samples.bytes() + self.minutes.bytes() + changes
    }
}

/// Returns a rate; 0 over no time.
pub(super) fn per_second(n: u64, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 { n as f64 / seconds } else { 0.0 }
}
