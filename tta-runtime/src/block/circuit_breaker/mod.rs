//! A layer that rejects calls while the work keeps failing.
//!
//! A program adds a [`CircuitBreaker`]; [`Guarded`] is the type of the work with the layer around it.

mod machine;
mod metrics;
#[cfg(test)]
mod model;
mod permits;
#[cfg(test)]
mod permits_model;
mod sync;
mod window;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::error::BlockError;
use super::name::BlockName;
use super::on_unwind::on_unwind;
use super::span_name::SpanName;
use super::work::{Block, Layer};
use crate::context::frame;
use crate::outcome::Outcome;
use crate::span::SpanDetail;
pub use machine::CircuitState;
use machine::{CircuitPolicy, HealthSignal, Ticket, Trip};
use metrics::CircuitMetrics;
use permits::{Admission, Permits};

/// Rejects calls while the work behind it keeps failing, so that the backend can recover and callers fail fast.
///
/// A closed circuit admits all calls. After enough failures it opens and rejects calls with [`BlockError::Open`]. After
/// the cool-down it is half-open and admits a round of probes: if all of them succeed it closes, if one fails it opens
/// again. A probe that is cancelled or [neutral](Self::neutral) frees its place for another. If the probes have no
/// result within another cool-down, another round of probes is admitted; late results still count. A call that began
/// before the last change of state has no effect.
///
/// Failures are errors of the work that are not neutral, panics, and timeouts, including those of a time limit around
/// the circuit breaker. Other failures of blocks inside, such as an open circuit breaker or a missing route, are
/// neutral, and so are cancelled calls.
///
/// Clones share one state, so that all work against one backend can share one circuit breaker. It records under its own
/// name, or else under the name of the first work that it surrounds, with the recorder of its first call.
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
    shared: Arc<SharedCircuit>,
}

/// Decides whether an error says nothing about the backend's health.
type IsNeutral<E> = Arc<dyn Fn(&E) -> bool + Send + Sync>;

/// The state that all clones share.
struct SharedCircuit {
    permits: Permits,
    name: OnceLock<&'static str>,
    metrics: OnceLock<CircuitMetrics>,
}

impl<E> CircuitBreaker<E> {
    /// Makes a circuit breaker that opens after this many failures without a success in between; 0 counts as 1.
    pub fn after_failures(failures: u32) -> Self {
        Self::with_trip(Trip::Consecutive(failures.max(1)))
    }

    /// Makes a circuit breaker that opens when this share of the calls in the last `window` failed, if there were at
    /// least `min_calls`.
    ///
    /// `share` is from 0 to 1, and values outside of the range count as its nearest bound; `min_calls` of 0 counts as
    /// 1. A call leaves the window up to a tenth of it late.
    pub fn at_failure_rate(share: f64, window: Duration, min_calls: u32) -> Self {
        Self::with_trip(Trip::Rate { share: share.clamp(0.0, 1.0), window, min_calls: min_calls.max(1) })
    }

    fn with_trip(trip: Trip) -> Self {
        Self::with_policy(None, None, CircuitPolicy { trip, cool_down: Duration::from_secs(30), probes: 1 })
    }

    fn with_policy(name: Option<&'static str>, is_neutral: Option<IsNeutral<E>>, policy: CircuitPolicy) -> Self {
        let shared = SharedCircuit { permits: Permits::new(policy), name: OnceLock::new(), metrics: OnceLock::new() };
        Self { name, is_neutral, shared: Arc::new(shared) }
    }

    /// Sets how long the circuit stays open before it admits probes, and how long it waits for their results; the
    /// default is 30 s.
    ///
    /// The result shares no state with earlier clones.
    pub fn cool_down(self, cool_down: Duration) -> Self {
        let policy = CircuitPolicy { cool_down, ..self.shared.permits.policy() };
        Self::with_policy(self.name, self.is_neutral, policy)
    }

    /// Sets how many probes are admitted at a time, all of which must succeed to close the circuit; the default is 1,
    /// and 0 counts as 1.
    ///
    /// The result shares no state with earlier clones.
    pub fn probes(self, probes: u32) -> Self {
        let policy = CircuitPolicy { probes: probes.max(1), ..self.shared.permits.policy() };
        Self::with_policy(self.name, self.is_neutral, policy)
    }

    /// Ignores errors for which `is_neutral` returns true, such as a rejection because of too many requests.
    pub fn neutral(self, is_neutral: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        Self { is_neutral: Some(Arc::new(is_neutral)), ..self }
    }

    /// Gives the layer a name and a node of its own in the service map.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Returns the current state. An open circuit becomes half-open with the first call after its cool-down.
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
        metrics::declare(current_recorder(), self.shared.name.get_or_init(|| name.as_str()));
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
        if !BlockCall::is_needed(self.name) {
            let (permit, _) = self.breaker.admit();
            return self.run_with(permit, input).await;
        }
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "circuit_breaker",
            span: SpanName::Fixed("primitive.circuit_breaker.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let mut call = BlockCall::start(names, Vec::new);
        let (permit, state) = self.breaker.admit();
        call.set(KeyValue::new("circuit_breaker.state", state.as_str()));
        let (result, call) = call.instrument(self.run_with(permit, input)).await;
        call.end(&result);
        result
    }
}

impl<W, E> Guarded<W, E> {
    async fn run_with<I>(&self, permit: Result<Permit<'_>, Duration>, input: I) -> Result<W::Output, BlockError<E>>
    where
        I: Send,
        W: Block<I, Error = E>,
    {
        let mut permit = permit.map_err(|retry_in| BlockError::Open { retry_in })?;
        let result = on_unwind(self.work.run(input), || permit.settle(HealthSignal::Failure)).await;
        permit.settle(self.breaker.signal_of(&result));
        result
    }
}

impl<E> CircuitBreaker<E> {
    /// Returns a permit or the time until the next may be given, and the state that decided it.
    fn admit(&self) -> (Result<Permit<'_>, Duration>, CircuitState) {
        let shared = &*self.shared;
        let metrics = shared.metrics();
        let Admission { ticket, state } =
            shared.permits.admit(|| metrics.recorder.clock.now(), |change| metrics.changed(change));
        match ticket {
            Ok(ticket) => {
                metrics.permitted();
                (Ok(Permit { shared, ticket: Some(ticket) }), state)
            }
            Err(retry_in) => {
                metrics.rejected();
                (Err(retry_in), state)
            }
        }
    }

    fn signal_of<T>(&self, result: &Result<T, BlockError<E>>) -> HealthSignal {
        let is_neutral = |error| self.is_neutral.as_ref().is_some_and(|is_neutral| is_neutral(error));
        let Err(mut error) = result.as_ref() else { return HealthSignal::Success };
        // The last error of the work decides, whatever blocks around it have made of it.
        loop {
            error = match error {
                BlockError::Exhausted { last: cause, .. }
                | BlockError::AllFailed { last: cause, .. }
                | BlockError::NotUndone { cause, .. } => cause,
                BlockError::Timeout { .. } | BlockError::Panicked { .. } => return HealthSignal::Failure,
                BlockError::Inner(inner) if !is_neutral(inner) => return HealthSignal::Failure,
                _ => return HealthSignal::Neutral,
            };
        }
    }
}

impl SharedCircuit {
    #[inline]
    fn metrics(&self) -> &CircuitMetrics {
        self.metrics.get_or_init(|| {
            CircuitMetrics::begin(
                current_recorder(),
                self.name.get().copied().unwrap_or_default(),
                self.permits.state(),
            )
        })
    }
}

/// The right to make one call. Dropped before [`settle`](Self::settle), the call was cancelled or timed out.
struct Permit<'a> {
    shared: &'a SharedCircuit,
    ticket: Option<Ticket>,
}

impl Permit<'_> {
    #[inline]
    fn settle(&mut self, signal: HealthSignal) {
        let Some(ticket) = self.ticket.take() else { return };
        let metrics = self.shared.metrics();
        metrics.settled(signal);
        self.shared.permits.settle(ticket, signal, || metrics.recorder.clock.now(), |change| metrics.changed(change));
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            let timed_out = frame::outcome_if_dropped() == Outcome::Timeout;
            self.settle(if timed_out { HealthSignal::Failure } else { HealthSignal::Neutral });
        }
    }
}
