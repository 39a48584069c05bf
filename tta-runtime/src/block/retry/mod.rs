//! A layer that retries work, with backoff, jitter and a retry budget.
//!
//! A program adds a [`Retry`]; [`Retried`] is the type of the work with the layer around it.

mod backoff;
mod budget;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::error::BlockError;
use super::known_cell::KnownCell;
use super::name::BlockName;
use super::span_name::SpanName;
use super::timer::{self, NoTimer};
use super::unfinished::UnfinishedSeries;
use super::work::{Block, Layer};
use crate::agent_run::Attempt;
use crate::clock;
use crate::context::deadline;
use crate::context::frame::Connection;
use crate::schema::Id;
use crate::span::SpanDetail;
use backoff::{Backoff, FailedAttempt, RetryDecision};
pub use budget::RetryBudget;

/// Retries work that failed with a transient error.
///
/// [`when`](Self::when) decides which errors of the work are transient. A timeout of a block inside is transient, and
/// so is an open circuit breaker, which is retried when it admits calls again; other errors of blocks are returned at
/// once. Waits are exponential with full jitter: random between zero and a ceiling that doubles with each attempt, up
/// to the longest wait. There is no further attempt when
///
/// - the attempts are used up, 3 by default,
/// - the error requests a wait longer than the longest wait,
/// - the wait would reach the context's deadline,
/// - the [retry budget](RetryBudget) is empty; by default it allows one retry in five calls.
///
/// The result is then [`BlockError::Exhausted`] with the last error. An error that is not transient is returned as it
/// is.
///
/// Waiting uses tokio's timers, so the work must run inside a tokio runtime.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use tta_runtime::block::{Block, Retry};
///
/// static CALLS: AtomicU32 = AtomicU32::new(0);
///
/// async fn flaky(question: &'static str) -> Result<&'static str, std::io::ErrorKind> {
///     match CALLS.fetch_add(1, Ordering::Relaxed) {
///         0 => Err(std::io::ErrorKind::ConnectionReset),
///         _ => Ok(question),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let patient = flaky.with(Retry::when(|error| *error == std::io::ErrorKind::ConnectionReset));
/// assert_eq!(patient.run("why?").await, Ok("why?"));
/// assert_eq!(CALLS.load(Ordering::Relaxed), 2);
/// # }
/// ```
#[must_use = "layers do nothing unless they are put around work"]
pub struct Retry<E> {
    name: Option<&'static str>,
    policy: RetryPolicy<E>,
}

/// The settings of a [`Retry`].
struct RetryPolicy<E> {
    max_attempts: u32,
    backoff: Backoff,
    is_retryable: Arc<dyn Fn(&E) -> bool + Send + Sync>,
    retry_after: Option<RetryAfterFn<E>>,
    budget: RetryBudget,
}

/// The values of the label `result`.
const RESULTS: [&str; 10] = [
    "success",
    "retried",
    "not_retryable",
    "exhausted",
    "wait_too_long",
    "deadline",
    "budget",
    "cancelled",
    "timeout",
    "panicked",
];

/// Reads the wait that the server requested from an error.
type RetryAfterFn<E> = Arc<dyn Fn(&E) -> Option<Duration> + Send + Sync>;

impl<E> Clone for RetryPolicy<E> {
    fn clone(&self) -> Self {
        let Self { max_attempts, backoff, is_retryable, retry_after, budget } = self;
        Self {
            max_attempts: *max_attempts,
            backoff: *backoff,
            is_retryable: Arc::clone(is_retryable),
            retry_after: retry_after.clone(),
            budget: budget.clone(),
        }
    }
}

impl<E> Retry<E> {
    /// Makes a layer that retries after errors for which `is_retryable` returns true.
    pub fn when(is_retryable: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        let backoff = Backoff { first: Duration::from_millis(100), max_wait: Duration::from_secs(10) };
        let budget = RetryBudget::share(0.2);
        let policy =
            RetryPolicy { max_attempts: 3, backoff, is_retryable: Arc::new(is_retryable), retry_after: None, budget };
        Self { name: None, policy }
    }

    /// Sets the maximum number of attempts, the first included; the default is 3, and 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts.max(1);
        self
    }

    /// Sets the ceilings of the waits: `first` before the second attempt, twice that before the third, and never more
    /// than `max_wait`. The defaults are 100 ms and 10 s.
    pub fn backoff(mut self, first: Duration, max_wait: Duration) -> Self {
        self.policy.backoff = Backoff { first, max_wait };
        self
    }

    /// Waits at least as long as the error requests, such as in a `Retry-After` header.
    pub fn retry_after(mut self, requested_wait: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static) -> Self {
        self.policy.retry_after = Some(Arc::new(requested_wait));
        self
    }

    /// Takes retries from this budget; the default is a budget of its own, `RetryBudget::share(0.2)`.
    pub fn budget(mut self, budget: RetryBudget) -> Self {
        self.policy.budget = budget;
        self
    }

    /// Gives the layer a name and a node of its own in the service map.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}

impl<E> RetryPolicy<E> {
    /// Returns whether another attempt could succeed, and the wait that the error requests.
    fn classify(&self, error: &BlockError<E>) -> (bool, Option<Duration>) {
        match error {
            BlockError::Inner(error) => {
                ((self.is_retryable)(error), self.retry_after.as_ref().and_then(|requested_wait| requested_wait(error)))
            }
            // The error of the call that this one waited for is not known: each call has its own attempts.
            BlockError::Timeout { .. } | BlockError::LeaderFailed { .. } => (true, None),
            BlockError::Open { retry_in } => (true, Some(*retry_in)),
            _ => (false, None),
        }
    }
}

impl<E> std::fmt::Debug for Retry<E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Retry")
            .field("attempts", &self.policy.max_attempts)
            .field("backoff", &self.policy.backoff)
            .field("budget", &self.policy.budget)
            .finish_non_exhaustive()
    }
}

impl<I, W: Block<I>> Layer<I, W> for Retry<W::Error> {
    type Block = Retried<W, W::Error>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        for result in RESULTS {
            current_recorder().declare(Id::RetryAttempts, &[name.as_str(), result]);
        }
        Retried { name, policy: self.policy, successes: KnownCell::default(), work }
    }
}

/// Work with a [`Retry`] around it.
#[must_use = "blocks do nothing unless they are run"]
pub struct Retried<W, E> {
    name: BlockName,
    policy: RetryPolicy<E>,
    successes: KnownCell,
    work: W,
}

impl<W: Clone, E> Clone for Retried<W, E> {
    fn clone(&self) -> Self {
        let Self { name, policy, successes, work } = self;
        Self { name: *name, policy: policy.clone(), successes: successes.clone(), work: work.clone() }
    }
}

impl<I, W> Block<I> for Retried<W, W::Error>
where
    I: Clone + Send + Sync,
    W: Block<I>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        // Each attempt has a call of its own where it needs one.
        if !BlockCall::is_needed(self.name) {
            return self.attempts(input).await;
        }
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "retry",
            span: SpanName::Fixed("primitive.retry.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let call =
            BlockCall::start(names, || vec![KeyValue::new("retry.max_attempts", i64::from(self.policy.max_attempts))]);
        let (result, call) = call.instrument(self.attempts(input)).await;
        call.end(&result);
        result
    }
}

impl<W, E> Retried<W, E> {
    async fn attempts<I>(&self, input: I) -> Result<W::Output, BlockError<E>>
    where
        I: Clone + Send + Sync,
        W: Block<I, Error = E>,
    {
        let RetryPolicy { max_attempts, backoff, budget, .. } = &self.policy;
        let block = self.name.as_str();
        budget.deposit();
        let mut ceilings = backoff.ceilings();
        let mut waited = Duration::ZERO;
        let mut made = 0;
        loop {
            let recorder = current_recorder();
            let result = if made == 0 && !BlockCall::is_needed(self.name) {
                // The first attempt changes nothing for the work inside, and has no span.
                let if_unfinished = UnfinishedSeries { recorder, id: Id::RetryAttempts, block };
                if_unfinished.watch(self.work.run(input.clone())).await
            } else {
                let mut call = self.start(made, waited);
                call.count_if_unfinished(Id::RetryAttempts, block);
                if made > 0 {
                    call.update_workflow(|workflow| workflow.attempt = Attempt::Again);
                }
                let (result, call) = call.instrument(self.work.run(input.clone())).await;
                call.end(&result);
                result
            };
            made += 1;
            let error = match result {
                Ok(output) => {
                    self.successes.add(recorder, Id::RetryAttempts, &[block, "success"], 1);
                    return Ok(output);
                }
                Err(error) => error,
            };
            let (is_retryable, requested_wait) = self.policy.classify(&error);
            let failed = FailedAttempt {
                attempts: made,
                max_attempts: *max_attempts,
                is_retryable,
                requested_wait,
                ceiling: ceilings.next().unwrap_or(backoff.max_wait),
                max_wait: backoff.max_wait,
                time_to_deadline: deadline::current().map(clock::until),
                jitter: fastrand::f64(),
            };
            match backoff::decide(&failed, || budget.withdraw()) {
                RetryDecision::RetryAfter(wait) => {
                    recorder.add(Id::RetryAttempts, &[block, "retried"], 1);
                    recorder.add(Id::RetryBackoff, &[block], clock::nanoseconds(wait));
                    if !wait.is_zero() {
                        match timer::sleep(wait) {
                            Ok(sleep) => sleep.await,
                            Err(NoTimer) => return Err(BlockError::NoTimer),
                        }
                    }
                    waited = wait;
                }
                RetryDecision::Stop(reason) => {
                    recorder.add(Id::RetryAttempts, &[block, reason], 1);
                    if !is_retryable {
                        return Err(error);
                    }
                    return Err(BlockError::Exhausted { attempts: made, last: Box::new(error) });
                }
            }
        }
    }

    fn start(&self, attempt: u32, waited: Duration) -> BlockCall {
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "retry",
            span: SpanName::Numbered("primitive.retry.attempt_", attempt as usize),
            connection: (attempt > 0).then_some(Connection::Retry),
            detail: SpanDetail::Full,
        };
        BlockCall::start(names, || {
            vec![
                KeyValue::new("retry.attempt", i64::from(attempt)),
                KeyValue::new("retry.max_attempts", i64::from(self.policy.max_attempts)),
                KeyValue::new("retry.backoff_ms", waited.as_millis() as i64),
            ]
        })
    }
}

impl<W: std::fmt::Debug, E> std::fmt::Debug for Retried<W, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Retried")
            .field("attempts", &self.policy.max_attempts)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}
