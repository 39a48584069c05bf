//! The metrics of a circuit breaker: calls by result, changes of state, and the time in each state.

use super::machine::{Change, CircuitState, HealthSignal};
use crate::metric::{Cell, Gauge, Stopwatch};
use crate::recorder::Recorder;
#[cfg(feature = "page")]
use crate::recorder::StateChange;
use crate::schema::Id;

/// The cells of one circuit breaker, under the recorder of its first call: its state cannot be split between recorders.
///
/// The cells are looked up once. A call at a closed circuit breaker then costs little more than two additions, and a
/// change of state can be recorded under the circuit breaker's lock.
pub(super) struct CircuitMetrics {
    pub(super) recorder: &'static Recorder,
    #[cfg(feature = "page")]
    name: &'static str,
    permitted: Option<Cell>,
    rejected: Option<Cell>,
    success: Option<Cell>,
    failure: Option<Cell>,
    neutral: Option<Cell>,
    transitions: [(Change, Option<Cell>); 4],
    state: Option<&'static Gauge>,
    times: [(CircuitState, Option<&'static Stopwatch>); 3],
}

/// All possible changes of state.
const CHANGES: [Change; 4] = [
    Change { from: CircuitState::Closed, to: CircuitState::Open },
    Change { from: CircuitState::Open, to: CircuitState::HalfOpen },
    Change { from: CircuitState::HalfOpen, to: CircuitState::Open },
    Change { from: CircuitState::HalfOpen, to: CircuitState::Closed },
];

/// Declares the series of a circuit breaker at 0.
pub(super) fn declare(recorder: &Recorder, name: &str) {
    for result in ["permitted", "rejected", "success", "failure", "neutral"] {
        recorder.declare(Id::CircuitBreakerCalls, &[name, result]);
    }
    for Change { from, to } in CHANGES {
        recorder.declare(Id::CircuitBreakerTransitions, &[name, from.as_str(), to.as_str()]);
    }
    for state in CircuitState::ALL {
        recorder.declare(Id::CircuitBreakerStateSeconds, &[name, state.as_str()]);
    }
    recorder.declare(Id::CircuitBreakerState, &[name]);
}

impl CircuitMetrics {
    /// Looks up the cells, and starts the time in the current state.
    pub(super) fn begin(recorder: &'static Recorder, name: &'static str, state: CircuitState) -> Self {
        declare(recorder, name);
        let calls = |result| recorder.cell(Id::CircuitBreakerCalls, &[name, result]);
        let transitions = |change: Change| {
            let labels = [name, change.from.as_str(), change.to.as_str()];
            (change, recorder.cell(Id::CircuitBreakerTransitions, &labels))
        };
        let time =
            |state: CircuitState| (state, recorder.stopwatch(Id::CircuitBreakerStateSeconds, &[name, state.as_str()]));
        let metrics = Self {
            recorder,
            #[cfg(feature = "page")]
            name,
            permitted: calls("permitted"),
            rejected: calls("rejected"),
            success: calls("success"),
            failure: calls("failure"),
            neutral: calls("neutral"),
            transitions: CHANGES.map(transitions),
            state: recorder.gauge(Id::CircuitBreakerState, &[name]),
            times: CircuitState::ALL.map(time),
        };
        metrics.enter(state);
        metrics
    }

    #[inline]
    pub(super) fn permitted(&self) {
        self.add(self.permitted);
    }

    pub(super) fn rejected(&self) {
        self.add(self.rejected);
    }

    #[inline]
    pub(super) fn settled(&self, signal: HealthSignal) {
        self.add(match signal {
            HealthSignal::Success => self.success,
            HealthSignal::Failure => self.failure,
            HealthSignal::Neutral => self.neutral,
        });
    }

    pub(super) fn changed(&self, change: Change) {
        #[cfg(feature = "page")]
        self.remember(change);
        if let Some((_, counter)) = self.transitions.iter().find(|(known, _)| *known == change) {
            self.add(*counter);
        }
        if let Some(time) = self.time(change.from) {
            time.stop(self.recorder.clock.now());
        }
        self.enter(change.to);
    }

    /// Adds the change to the history that the page shows.
    #[cfg(feature = "page")]
    fn remember(&self, Change { from, to }: Change) {
        if let Some(changes) = self.recorder.state_changes.get() {
            let at = self.recorder.clock.now();
            changes.add(StateChange { name: self.name, from: from.as_str(), to: to.as_str(), at });
        }
    }

    fn enter(&self, state: CircuitState) {
        if let Some(gauge) = self.state {
            gauge.set(state as i64);
        }
        if let Some(time) = self.time(state) {
            time.start(self.recorder.clock.now());
        }
    }

    fn time(&self, state: CircuitState) -> Option<&'static Stopwatch> {
        self.times.iter().find(|(known, _)| *known == state).and_then(|(_, time)| *time)
    }

    #[inline]
    fn add(&self, counter: Option<Cell>) {
        if let Some(counter) = counter.filter(|_| self.recorder.is_enabled()) {
            counter.add(1);
        }
    }
}
