//! The state machine of a circuit breaker: a function of its state and of the time, which is passed in.

use std::time::Duration;

use super::window::Window;
use crate::clock::Monotonic;

/// The settings of a circuit breaker.
#[derive(Clone, Copy, Debug)]
pub(super) struct CircuitPolicy {
    pub(super) trip: Trip,
    /// How long the circuit stays open, and how long a round of probes may take before the next round starts.
    pub(super) cool_down: Duration,
    /// The number of probes in a round, and the number of successful probes that close the circuit.
    pub(super) probes: u32,
}

/// The condition that opens a circuit breaker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trip {
    /// This many failures without a success in between.
    Consecutive(u32),
    /// A share of failures among the calls in a sliding window, if the window has at least `min_calls` calls.
    Rate { share: f64, window: Duration, min_calls: u32 },
}

/// The state of a circuit breaker; its numeric order is the value of `tta_circuit_breaker_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CircuitState {
    /// All calls are admitted.
    Closed,
    /// A limited number of probes is admitted, and their outcomes decide the next state.
    HalfOpen,
    /// All calls are rejected.
    Open,
}

impl CircuitState {
    pub(super) const ALL: [Self; 3] = [Self::Closed, Self::HalfOpen, Self::Open];

    /// Returns the state as the label value in metrics and spans: `closed`, `half_open` or `open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// The evidence of one finished call about the health of the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HealthSignal {
    Success,
    Failure,
    /// No evidence: the call was cancelled, or failed for a reason of the caller.
    Neutral,
}

/// The right to make one call, with the period in which it was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) period: u64,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) from: CircuitState,
    pub(super) to: CircuitState,
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Machine {
    policy: CircuitPolicy,
    phase: CircuitPhase,
    /// The number of phases and rounds of probes so far, so that a call cannot affect a phase that began after the
    /// call.
    period: u64,
}

#[derive(Debug)]
enum CircuitPhase {
    Closed { failures: u32, window: Option<Window> },
    HalfOpen { since: u64, until: Monotonic, given: u32, succeeded: u32 },
    Open { until: Monotonic },
}

impl Machine {
    pub(super) fn new(policy: CircuitPolicy) -> Self {
        Self { policy, phase: CircuitPhase::closed(policy), period: 0 }
    }

    pub(super) fn policy(&self) -> CircuitPolicy {
        self.policy
    }

    pub(super) fn period(&self) -> u64 {
        self.period
    }

    pub(super) fn state(&self) -> CircuitState {
        match self.phase {
            CircuitPhase::Closed { .. } => CircuitState::Closed,
            CircuitPhase::HalfOpen { .. } => CircuitState::HalfOpen,
            CircuitPhase::Open { .. } => CircuitState::Open,
        }
    }

    /// Returns whether a success would change nothing: the circuit is closed, without failures to reset and without a
    /// window.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self.phase, CircuitPhase::Closed { failures: 0, window: None })
    }

    /// Admits a call, or returns the time until the next may be admitted.
    pub(super) fn admit(&mut self, now: Monotonic) -> (Result<Ticket, Duration>, Option<Change>) {
        let change = match self.phase {
            CircuitPhase::Open { until } if now >= until => {
                let since = self.period + 1;
                let until = now.after(self.policy.cool_down);
                Some(self.enter(CircuitPhase::HalfOpen { since, until, given: 0, succeeded: 0 }))
            }
            // Probes without a result may be lost, so another round is admitted. Late results still count.
            CircuitPhase::HalfOpen { since, until, succeeded, .. } if now >= until => {
                let until = now.after(self.policy.cool_down);
                self.enter(CircuitPhase::HalfOpen { since, until, given: 0, succeeded });
                None
            }
            _ => None,
        };
        let ticket = Ticket { period: self.period };
        let admitted = match &mut self.phase {
            CircuitPhase::Closed { .. } => Ok(ticket),
            CircuitPhase::HalfOpen { given, .. } if *given < self.policy.probes => {
                *given += 1;
                Ok(ticket)
            }
            CircuitPhase::HalfOpen { until, .. } | CircuitPhase::Open { until } => Err(until.since(now)),
        };
        (admitted, change)
    }

    /// Applies the signal of a finished call.
    pub(super) fn settle(&mut self, ticket: Ticket, signal: HealthSignal, now: Monotonic) -> Option<Change> {
        let is_of_this_round = ticket.period == self.period;
        let is_of_this_phase = match self.phase {
            CircuitPhase::HalfOpen { since, .. } => ticket.period >= since,
            CircuitPhase::Closed { .. } | CircuitPhase::Open { .. } => is_of_this_round,
        };
        if !is_of_this_phase {
            return None;
        }
        let policy = self.policy;
        match &mut self.phase {
            CircuitPhase::Closed { failures, window } => {
                let failed = match signal {
                    HealthSignal::Neutral => return None,
                    HealthSignal::Success => false,
                    HealthSignal::Failure => true,
                };
                *failures = if failed { failures.saturating_add(1) } else { 0 };
                let trips = match (policy.trip, window) {
                    (Trip::Consecutive(most), _) => *failures >= most,
                    (Trip::Rate { share, min_calls, .. }, Some(window)) => {
                        window.note(failed, now);
                        let (failed, all) = window.counts(now);
                        all >= min_calls && f64::from(failed) >= share * f64::from(all)
                    }
                    (Trip::Rate { .. }, None) => false,
                };
                // A success may bring the calls up to `min_calls`, but never opens the circuit.
                (trips && failed).then(|| self.enter(self.open(now)))
            }
            CircuitPhase::HalfOpen { given, succeeded, .. } => match signal {
                HealthSignal::Neutral => {
                    // A neutral probe frees its place in its own round. The place of an earlier round is already
                    // reassigned.
                    *given = given.saturating_sub(u32::from(is_of_this_round));
                    None
                }
                HealthSignal::Success => {
                    *succeeded += 1;
                    (*succeeded >= policy.probes).then(|| self.enter(CircuitPhase::closed(policy)))
                }
                HealthSignal::Failure => Some(self.enter(self.open(now))),
            },
            CircuitPhase::Open { .. } => None,
        }
    }

    fn open(&self, now: Monotonic) -> CircuitPhase {
        CircuitPhase::Open { until: now.after(self.policy.cool_down) }
    }

    fn enter(&mut self, phase: CircuitPhase) -> Change {
        let from = self.state();
        self.phase = phase;
        self.period += 1;
        Change { from, to: self.state() }
    }
}

impl CircuitPhase {
    fn closed(policy: CircuitPolicy) -> Self {
        let window = match policy.trip {
            Trip::Consecutive(_) => None,
            Trip::Rate { window, .. } => Some(Window::new(window)),
        };
        Self::Closed { failures: 0, window }
    }
}
