//! What a circuit breaker records: calls by result, changes of state, and the time in each state.

use super::machine::{Change, CircuitState, Verdict};
use crate::metric::Cell;
use crate::recorder::Recorder;
use crate::schema::Id;

/// Where a circuit breaker records: with whom its first call did, since its state is one.
pub(super) struct Record {
    pub(super) recorder: &'static Recorder,
    name: &'static str,
    // Looked up once: a call at a closed circuit breaker costs little more than these two additions.
    permitted: Option<Cell>,
    rejected: Option<Cell>,
    success: Option<Cell>,
    failure: Option<Cell>,
    neutral: Option<Cell>,
}

impl Record {
    /// Begins to record, in this state.
    pub(super) fn begin(recorder: &'static Recorder, name: &'static str, state: CircuitState) -> Self {
        let counter = |result| {
            recorder.declare(Id::CircuitBreakerCalls, &[name, result]);
            recorder.cell(Id::CircuitBreakerCalls, &[name, result])
        };
        for state in CircuitState::ALL {
            recorder.declare(Id::CircuitBreakerStateSeconds, &[name, state.as_str()]);
        }
        let record = Self {
            recorder,
            name,
            permitted: counter("permitted"),
            rejected: counter("rejected"),
            success: counter("success"),
            failure: counter("failure"),
            neutral: counter("neutral"),
        };
        record.enter(state);
        record
    }

    pub(super) fn permitted(&self) {
        self.add(self.permitted);
    }

    pub(super) fn rejected(&self) {
        self.add(self.rejected);
    }

    pub(super) fn settled(&self, verdict: Verdict) {
        self.add(match verdict {
            Verdict::Success => self.success,
            Verdict::Failure => self.failure,
            Verdict::Neutral => self.neutral,
        });
    }

    pub(super) fn changed(&self, Change { from, to }: Change) {
        self.recorder.add(Id::CircuitBreakerTransitions, &[self.name, from.as_str(), to.as_str()], 1);
        if let Some(time) = self.recorder.stopwatch(Id::CircuitBreakerStateSeconds, &[self.name, from.as_str()]) {
            time.stop(self.recorder.clock.now());
        }
        self.enter(to);
    }

    fn enter(&self, state: CircuitState) {
        if let Some(gauge) = self.recorder.gauge(Id::CircuitBreakerState, &[self.name]) {
            gauge.set(state as i64);
        }
        if let Some(time) = self.recorder.stopwatch(Id::CircuitBreakerStateSeconds, &[self.name, state.as_str()]) {
            time.start(self.recorder.clock.now());
        }
    }

    fn add(&self, counter: Option<Cell>) {
        if let Some(counter) = counter.filter(|_| self.recorder.is_enabled()) {
            counter.add(1);
        }
    }
}
