//! A layer that limits the time of work.
//!
//! A program adds a [`Timeout`]; [`TimeLimited`] is the type of the work with the layer around it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use opentelemetry::KeyValue;
use tokio::task::unconstrained;
use tokio::time::{Sleep, sleep};

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::error::BlockError;
use super::known_cell::KnownCell;
use super::name::BlockName;
use super::span_name::SpanName;
use super::timer::{self, NoTimer};
use super::work::{Block, Layer};
use crate::clock;
use crate::context::frame::with_current;
use crate::schema::Id;
use crate::span::SpanDetail;

/// Limits the time of work: at the limit its future is dropped, and the calls inside it end as timeouts.
///
/// With a [`grace`](Self::grace) period, the work may end later, within the grace; its output is then returned and
/// counted as `late`. The context's deadline is the limit if it is sooner. The work inside sees the end of limit and
/// grace as the context's deadline. Work that ends by itself keeps its result, even a timeout error of its own.
///
/// Waiting uses tokio's timers, so the work must run inside a tokio runtime.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::{Block, BlockError, Timeout};
///
/// async fn slow(_question: &str) -> Result<String, String> {
///     tokio::time::sleep(Duration::from_secs(60)).await;
///     Ok("at last".to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let limit = Duration::from_secs(30);
/// let limited = slow.with(Timeout::after(limit));
/// assert_eq!(limited.run("why?").await, Err(BlockError::Timeout { limit }));
/// let patient = slow.with(Timeout::after(limit).grace(limit * 2));
/// assert_eq!(patient.run("why?").await.unwrap(), "at last");
/// let modest = slow.with(Timeout::after(limit).fallback_value(|| "no idea".to_owned()));
/// assert_eq!(modest.run("why?").await.unwrap(), "no idea");
/// # }
/// ```
#[must_use = "layers do nothing unless they are put around work"]
pub struct Timeout<O> {
    name: Option<&'static str>,
    limit: Duration,
    grace: Duration,
    fallback_value: Option<FallbackValueFn<O>>,
}

/// Makes the output for work that timed out.
type FallbackValueFn<O> = Arc<dyn Fn() -> O + Send + Sync>;

impl<O> Timeout<O> {
    /// Makes a time limit. A zero limit drops the work before its first poll.
    pub fn after(limit: Duration) -> Self {
        Self { name: None, limit, grace: Duration::ZERO, fallback_value: None }
    }

    /// Waits this much longer than the limit, and counts work that ends in this time as `late`; the default is zero.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Returns the output of `value` at the limit, instead of [`BlockError::Timeout`].
    pub fn fallback_value(self, value: impl Fn() -> O + Send + Sync + 'static) -> Self {
        Self { fallback_value: Some(Arc::new(value)), ..self }
    }

    /// Gives the layer a name and a node of its own in the service map.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}

impl<O> std::fmt::Debug for Timeout<O> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Timeout")
            .field("limit", &self.limit)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

impl<I, W: Block<I>> Layer<I, W> for Timeout<W::Output> {
    type Block = TimeLimited<W, W::Output>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        for result in ["in_time", "late", "timed_out"] {
            current_recorder().declare(Id::Timeouts, &[name.as_str(), result]);
        }
        let Self { limit, grace, fallback_value, .. } = self;
        TimeLimited { name, limit, grace, fallback_value, series: LimitSeries::default(), work }
    }
}

/// Work with a [`Timeout`] around it.
#[derive(Clone)]
#[must_use = "blocks do nothing unless they are run"]
pub struct TimeLimited<W, O> {
    name: BlockName,
    limit: Duration,
    grace: Duration,
    fallback_value: Option<FallbackValueFn<O>>,
    series: LimitSeries,
    work: W,
}

/// The series that a time limit adds to.
#[derive(Clone, Default)]
struct LimitSeries {
    duration: KnownCell,
    in_time: KnownCell,
    late: KnownCell,
    timed_out: KnownCell,
}

impl<I, W> Block<I> for TimeLimited<W, W::Output>
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
        let now = clock::timer_now();
        let left = with_current(|frame| frame.workflow.as_ref().and_then(|workflow| workflow.deadline))
            .flatten()
            .map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
        let limit = self.limit.min(left);
        let grace = self.grace.min(left.saturating_sub(limit));
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "timeout",
            span: SpanName::Fixed("primitive.timeout.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let mut call = BlockCall::start(names, || {
            vec![KeyValue::new("timeout.limit_ms", limit.as_millis().min(i64::MAX as u128) as i64)]
        });
        let recorder = call.recorder();
        if let Some(deadline) = now.checked_add(limit.saturating_add(grace)) {
            call.update_workflow(|workflow| workflow.deadline = Some(deadline));
        }
        // A limit that cannot be kept must not be a promise: the work does not start.
        let timer = match timer::sleep_from(now, limit) {
            Ok(timer) => timer,
            Err(NoTimer) => {
                let result = Err(BlockError::NoTimer);
                call.end(&result);
                return result;
            }
        };
        let mut work = pin!(call.instrument(self.work.run(input)));
        let LimitSeries { duration, in_time, late, timed_out } = &self.series;
        let ended = match await_within(limit, pin!(timer), work.as_mut()).await {
            Some(ended) => Some((ended, in_time, "in_time")),
            None if grace.is_zero() => None,
            None => await_within(grace, pin!(sleep(grace)), work.as_mut()).await.map(|ended| (ended, late, "late")),
        };
        let block = self.name.as_str();
        let count = |call: &BlockCall, cell: &KnownCell, result| {
            duration.add(recorder, Id::TimeoutDuration, &[block], call.elapsed());
            cell.add(recorder, Id::Timeouts, &[block, result], 1);
        };
        let (result, call) = match ended {
            Some(((result, call), cell, when)) => {
                count(&call, cell, when);
                (result, Some(call))
            }
            None => {
                let call = work.time_out();
                if let Some(call) = &call {
                    count(call, timed_out, "timed_out");
                }
                let value = self.fallback_value.as_ref().map(|value| value());
                (value.ok_or(BlockError::Timeout { limit: limit + grace }), call)
            }
        };
        if let Some(call) = call {
            call.end(&result);
        }
        result
    }
}

/// Waits for the work until the timer of the limit ends; a zero limit does not poll the work.
async fn await_within<F: Future>(
    limit: Duration,
    mut timer: Pin<&mut Sleep>,
    mut work: Pin<&mut F>,
) -> Option<F::Output> {
    if limit.is_zero() {
        return None;
    }
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        // Not constrained: work that has used up the task's budget does not outlive its limit.
        Poll::Pending => pin!(unconstrained(timer.as_mut())).poll(cx).map(|()| None),
    })
    .await
}

impl<W: std::fmt::Debug, O> std::fmt::Debug for TimeLimited<W, O> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TimeLimited")
            .field("limit", &self.limit)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}
