//! Work that is left alone while it keeps failing.

#[cfg(test)]
mod checked;
mod machine;
#[cfg(test)]
mod model;
mod permits;
mod record;
mod sync;
mod window;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, current_recorder, inside};
use super::span_name::SpanName;
use super::work::{Block, Layer};
use crate::context::frame;
use crate::outcome::Outcome;
pub use machine::CircuitState;
use machine::{Policy, Ticket, Trip, Verdict};
use permits::{Admission, Permits};
use record::Record;

/// Rejects calls at once while the work behind it keeps failing, so that it can recover and callers need not wait.
///
/// After so many failures it opens, and rejects all calls. When it has cooled down it is half-open, and lets so many
/// probes through: when all of them succeed it closes, and when one fails it opens again. A probe that is cancelled, or
/// whose error is [neutral](Self::neutral), makes room for another. When probes do not come back within another cool-down,
/// so many more are let through, and what the slow ones say still counts. Calls that began before the state last changed
/// change nothing.
///
/// Failures are the work's errors that are not neutral, its panics, and its timeouts, also by a time limit around the
/// circuit breaker. What other blocks inside say (an open circuit breaker, no route) is neutral, as is being cancelled.
///
/// Copies share one state, so that several pieces of work that ask the same other side can have one circuit breaker. It
/// records under the name that it is given, or else under that of the first work that it is put around, and where its
/// first call did.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::{Block, BlockError, CircuitBreaker, CircuitState};
///
/// async fn down(_question: &str) -> Result<String, String> {
///     Err("connection refused".to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let breaker = CircuitBreaker::after_failures(2).cool_down(Duration::from_secs(30));
/// let guarded = down.with(breaker.clone());
/// for _ in 0..2 {
///     assert_eq!(guarded.run("why?").await, Err(BlockError::Inner("connection refused".to_owned())));
/// }
/// assert!(matches!(guarded.run("why?").await, Err(BlockError::Open { .. })));
/// assert_eq!(breaker.state(), CircuitState::Open);
/// # }
/// ```
#[must_use = "layers do nothing unless they are put around work"]
pub struct CircuitBreaker<E> {
    name: Option<&'static str>,
    is_neutral: Option<IsNeutral<E>>,
    shared: Arc<Shared>,
}

/// Says of an error that it tells nothing about the other side's health.
type IsNeutral<E> = Arc<dyn Fn(&E) -> bool + Send + Sync>;

/// What all copies have in common.
struct Shared {
    permits: Permits,
    name: OnceLock<&'static str>,
    record: OnceLock<Record>,
}

impl<E> CircuitBreaker<E> {
    /// Makes a circuit breaker that opens after so many failures without a success in between; 0 counts as 1.
    pub fn after_failures(failures: u32) -> Self {
        Self::with_trip(Trip::Consecutive(failures.max(1)))
    }

    /// Makes a circuit breaker that opens when this share of the calls of the last `over` failed, from 0 to 1, if there
    /// were at least so many calls.
    pub fn at_failure_rate(share: f64, over: Duration, at_least: u32) -> Self {
        Self::with_trip(Trip::Rate { share: share.clamp(0.0, 1.0), over, at_least: at_least.max(1) })
    }

    fn with_trip(trip: Trip) -> Self {
        Self::with_policy(None, None, Policy { trip, cool_down: Duration::from_secs(30), probes: 1 })
    }

    fn with_policy(name: Option<&'static str>, is_neutral: Option<IsNeutral<E>>, policy: Policy) -> Self {
        let shared = Shared { permits: Permits::new(policy), name: OnceLock::new(), record: OnceLock::new() };
        Self { name, is_neutral, shared: Arc::new(shared) }
    }

    /// Stays open for so long before it lets probes through, and waits so long for them; 30 s unless it is said otherwise.
    ///
    /// What results shares no state with copies made before.
    pub fn cool_down(self, cool_down: Duration) -> Self {
        let policy = Policy { cool_down, ..self.shared.permits.policy() };
        Self::with_policy(self.name, self.is_neutral, policy)
    }

    /// Lets so many probes through, and closes when they all succeed; 1 unless it is said otherwise, 0 counts as 1.
    ///
    /// What results shares no state with copies made before.
    pub fn probes(self, probes: u32) -> Self {
        let policy = Policy { probes: probes.max(1), ..self.shared.permits.policy() };
        Self::with_policy(self.name, self.is_neutral, policy)
    }

    /// Leaves errors out of the count of which `is_neutral` says so, such as that too many requests were made.
    pub fn neutral(self, is_neutral: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        Self { is_neutral: Some(Arc::new(is_neutral)), ..self }
    }

    /// Gives the layer a name of its own.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Returns what it does with calls; one that has cooled down is half-open from its next call on.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        self.shared.permits.state()
    }
}

impl<E> Clone for CircuitBreaker<E> {
    fn clone(&self) -> Self {
        Self { name: self.name, is_neutral: self.is_neutral.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<E> std::fmt::Debug for CircuitBreaker<E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CircuitBreaker").field("permits", &self.shared.permits).finish_non_exhaustive()
    }
}

impl<I, W: Block<I>> Layer<I, W> for CircuitBreaker<W::Error> {
    type Block = Guarded<W, W::Error>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        record::declare(current_recorder(), self.shared.name.get_or_init(|| name.as_str()));
        Guarded { name, breaker: self, work }
    }
}

/// Work with a [`CircuitBreaker`] around it.
#[derive(Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Guarded<W, E> {
    name: BlockName,
    breaker: CircuitBreaker<E>,
    work: W,
}

impl<W: Clone, E> Clone for Guarded<W, E> {
    fn clone(&self) -> Self {
        Self { name: self.name, breaker: self.breaker.clone(), work: self.work.clone() }
    }
}

impl<W, E> Guarded<W, E> {
    /// Returns the circuit breaker.
    pub fn breaker(&self) -> &CircuitBreaker<E> {
        &self.breaker
    }
}

impl<I, W> Block<I> for Guarded<W, W::Error>
where
    I: Send,
    W: Block<I>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        if !Part::is_needed(self.name) {
            let (permit, _) = self.breaker.admit();
            return self.run_with(permit, input).await;
        }
        let name = Name {
            block: self.name,
            primitive_type: "circuit_breaker",
            span: SpanName::Of("primitive.circuit_breaker.execute"),
            connection: None,
        };
        let mut part = Part::start(name, Vec::new);
        let (permit, state) = self.breaker.admit();
        part.set(KeyValue::new("circuit_breaker.state", state.as_str()));
        let (result, part) = inside(part, self.run_with(permit, input)).await;
        part.end(&result);
        result
    }
}

impl<W, E> Guarded<W, E> {
    async fn run_with<I>(&self, permit: Result<Permit<'_>, Duration>, input: I) -> Result<W::Output, BlockError<E>>
    where
        I: Send,
        W: Block<I, Error = E>,
    {
        let permit = permit.map_err(|retry_in| BlockError::Open { retry_in })?;
        match AssertUnwindSafe(self.work.run(input)).catch_unwind().await {
            Ok(result) => {
                permit.settle(self.breaker.judge(&result));
                result
            }
            Err(payload) => {
                permit.settle(Verdict::Failure);
                resume_unwind(payload)
            }
        }
    }
}

impl<E> CircuitBreaker<E> {
    /// Returns a permit or when to ask again, and the state in which that was decided.
    fn admit(&self) -> (Result<Permit<'_>, Duration>, CircuitState) {
        let shared = &*self.shared;
        let record = shared.record();
        let Admission { ticket, state } =
            shared.permits.admit(|| record.recorder.clock.now(), |change| record.changed(change));
        match ticket {
            Ok(ticket) => {
                record.permitted();
                (Ok(Permit { shared, ticket: Some(ticket) }), state)
            }
            Err(retry_in) => {
                record.rejected();
                (Err(retry_in), state)
            }
        }
    }

    fn judge<T>(&self, result: &Result<T, BlockError<E>>) -> Verdict {
        let is_neutral = |error| self.is_neutral.as_ref().is_some_and(|is_neutral| is_neutral(error));
        let Err(mut error) = result.as_ref() else { return Verdict::Success };
        // What blocks around the work say is about what the work did last.
        loop {
            error = match error {
                BlockError::Exhausted { last: cause, .. }
                | BlockError::AllFailed { last: cause, .. }
                | BlockError::NotUndone { cause, .. } => cause,
                BlockError::Timeout { .. } | BlockError::Panicked { .. } => return Verdict::Failure,
                BlockError::Inner(inner) if !is_neutral(inner) => return Verdict::Failure,
                _ => return Verdict::Neutral,
            };
        }
    }
}

impl Shared {
    fn record(&self) -> &Record {
        self.record.get_or_init(|| {
            Record::begin(current_recorder(), self.name.get().copied().unwrap_or_default(), self.permits.state())
        })
    }
}

/// The right to make one call; dropped as it is, the call was cancelled or its time ran out.
struct Permit<'a> {
    shared: &'a Shared,
    ticket: Option<Ticket>,
}

impl Permit<'_> {
    fn settle(mut self, verdict: Verdict) {
        self.give_back(verdict);
    }

    fn give_back(&mut self, verdict: Verdict) {
        let Some(ticket) = self.ticket.take() else { return };
        let record = self.shared.record();
        record.settled(verdict);
        self.shared.permits.settle(ticket, verdict, || record.recorder.clock.now(), |change| record.changed(change));
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            let timed_out = frame::outcome_if_dropped() == Outcome::Timeout;
            self.give_back(if timed_out { Verdict::Failure } else { Verdict::Neutral });
        }
    }
}
