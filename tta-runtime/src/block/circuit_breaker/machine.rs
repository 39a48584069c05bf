//! When a circuit breaker opens and closes: a function of its state and of the clock's reading, which is passed in.

use std::time::Duration;

use super::window::Window;
use crate::clock::Monotonic;

/// When a circuit breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug)]
pub(super) struct CircuitPolicy {
    pub(super) trip: Trip,
    /// How long it stays open, and how long it waits for its probes.
    pub(super) cool_down: Duration,
    /// How many calls it lets through while it is half-open, and how many of them must succeed.
    pub(super) probes: u32,
}

/// What opens a circuit breaker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trip {
    /// So many failures without a success in between.
    Consecutive(u32),
    /// A share of the calls of the last while, if there were so many.
    Rate { share: f64, window: Duration, min_calls: u32 },
}

/// What a circuit breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CircuitState {
    /// It lets all calls through.
    Closed,
    /// It lets a few calls through, to see how they end.
    HalfOpen,
    /// It rejects all calls.
    Open,
}

impl CircuitState {
    pub(super) const ALL: [Self; 3] = [Self::Closed, Self::HalfOpen, Self::Open];

    /// Returns the state as the label value that metrics and spans carry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// What a call that was let through tells about the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HealthSignal {
    Success,
    Failure,
    /// Nothing: it was cancelled, or refused for a reason of the caller's.
    Neutral,
}

/// The right to make one call, in the period in which it was given: a phase, or a round of probes.
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

/// The state and what it is decided by.
#[derive(Debug)]
pub(super) struct Machine {
    policy: CircuitPolicy,
    phase: Phase,
    /// Counts the phases and the rounds of probes, so that a call says nothing about a phase that began after it.
    period: u64,
}

#[derive(Debug)]
enum Phase {
    Closed { failures: u32, window: Option<Window> },
    HalfOpen { since: u64, until: Monotonic, given: u32, succeeded: u32 },
    Open { until: Monotonic },
}

impl Machine {
    pub(super) fn new(policy: CircuitPolicy) -> Self {
        Self { policy, phase: Phase::closed(policy), period: 0 }
    }

    pub(super) fn policy(&self) -> CircuitPolicy {
        self.policy
    }

    pub(super) fn period(&self) -> u64 {
        self.period
    }

    pub(super) fn state(&self) -> CircuitState {
        match self.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::HalfOpen { .. } => CircuitState::HalfOpen,
            Phase::Open { .. } => CircuitState::Open,
        }
    }

    /// Returns whether a success would change anything.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self.phase, Phase::Closed { failures: 0, window: None })
    }

    /// Lets a call through, or says when to try again.
    pub(super) fn admit(&mut self, now: Monotonic) -> (Result<Ticket, Duration>, Option<Change>) {
        let change = match self.phase {
            Phase::Open { until } if now >= until => {
                let since = self.period + 1;
                let until = now.after(self.policy.cool_down);
                Some(self.enter(Phase::HalfOpen { since, until, given: 0, succeeded: 0 }))
            }
            // Probes that did not come back yet may be lost: others go besides. What they say counts whenever they do.
            Phase::HalfOpen { since, until, succeeded, .. } if now >= until => {
                let until = now.after(self.policy.cool_down);
                self.enter(Phase::HalfOpen { since, until, given: 0, succeeded });
                None
            }
            _ => None,
        };
        let ticket = Ticket { period: self.period };
        let admitted = match &mut self.phase {
            Phase::Closed { .. } => Ok(ticket),
            Phase::HalfOpen { given, .. } if *given < self.policy.probes => {
                *given += 1;
                Ok(ticket)
            }
            Phase::HalfOpen { until, .. } | Phase::Open { until } => Err(until.since(now)),
        };
        (admitted, change)
    }

    /// Takes note of how a call ended.
    pub(super) fn settle(&mut self, ticket: Ticket, signal: HealthSignal, now: Monotonic) -> Option<Change> {
        let is_of_this_round = ticket.period == self.period;
        let is_of_this_phase = match self.phase {
            Phase::HalfOpen { since, .. } => ticket.period >= since,
            Phase::Closed { .. } | Phase::Open { .. } => is_of_this_round,
        };
        if !is_of_this_phase {
            return None;
        }
        let policy = self.policy;
        match &mut self.phase {
            Phase::Closed { failures, window } => {
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
                // A success may complete the number that the rate needs, and still closes nothing that is open.
                (trips && failed).then(|| self.enter(self.open(now)))
            }
            Phase::HalfOpen { given, succeeded, .. } => match signal {
                HealthSignal::Neutral => {
                    // The place of an earlier round's probe was given to another already.
                    *given = given.saturating_sub(u32::from(is_of_this_round));
                    None
                }
                HealthSignal::Success => {
                    *succeeded += 1;
                    (*succeeded >= policy.probes).then(|| self.enter(Phase::closed(policy)))
                }
                HealthSignal::Failure => Some(self.enter(self.open(now))),
            },
            Phase::Open { .. } => None,
        }
    }

    fn open(&self, now: Monotonic) -> Phase {
        Phase::Open { until: now.after(self.policy.cool_down) }
    }

    fn enter(&mut self, phase: Phase) -> Change {
        let from = self.state();
        self.phase = phase;
        self.period += 1;
        Change { from, to: self.state() }
    }
}

impl Phase {
    fn closed(policy: CircuitPolicy) -> Self {
        let window = match policy.trip {
            Trip::Consecutive(_) => None,
            Trip::Rate { window, .. } => Some(Window::new(window)),
        };
        Self::Closed { failures: 0, window }
    }
}
