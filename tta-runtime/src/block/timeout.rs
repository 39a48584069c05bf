//! A layer that limits the time of work.
//!
//! A program adds a [`Timeout`]; [`TimeLimited`] is the type of the work with the layer around it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use tokio::task::unconstrained;
use tokio::time::{Sleep, sleep};

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::error::BlockError;
use super::known_cell::KnownCell;
use super::name::BlockName;
use super::span_name::SpanName;
use super::timer::{self, NoTimer};
use super::with_deadline::with_deadline;
use super::work::{Block, Layer};
use crate::clock::{self, Monotonic};
use crate::context::deadline;
use crate::context::frame::{self, Frame, with_current};
use crate::outcome::Outcome;
use crate::recorder::Recorder;
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
        let bounds = Bounds::new(self.limit, self.grace);
        if !BlockCall::is_needed(self.name) {
            return self.run_without_call(&bounds, input).await;
        }
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "timeout",
            span: SpanName::Fixed("primitive.timeout.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let call = BlockCall::start(names, || {
            vec![KeyValue::new("timeout.limit_ms", bounds.limit.as_millis().min(i64::MAX as u128) as i64)]
        });
        let (recorder, start) = (call.recorder(), call.start_time());
        let timer = match bounds.timer() {
            Ok(timer) => timer,
            Err(NoTimer) => {
                let result = Err(BlockError::NoTimer);
                call.end(&result);
                return result;
            }
        };
        let mut work = pin!(call.instrument(with_deadline(bounds.end(), self.work.run(input))));
        let (result, call) = match bounds.hold(pin!(timer), work.as_mut()).await {
            Some(((result, call), when)) => {
                self.series.count(self.name, recorder, start, when);
                (result, Some(call))
            }
            None => {
                let call = work.time_out();
                self.series.count(self.name, recorder, start, Ended::AtLimit);
                (self.timed_out(&bounds), call)
            }
        };
        if let Some(call) = call {
            call.end(&result);
        }
        result
    }
}

impl<W, O> TimeLimited<W, O> {
    /// Runs the work without a span and a frame of its own: the calls inside are those of the caller.
    async fn run_without_call<I, E>(&self, bounds: &Bounds, input: I) -> Result<O, BlockError<E>>
    where
        I: Send,
        W: Block<I, Output = O, Error = E>,
    {
        let recorder = current_recorder();
        let start = recorder.clock.now();
        let timer = bounds.timer().map_err(|NoTimer| BlockError::NoTimer)?;
        let mut work = pin!(with_deadline(bounds.end(), self.work.run(input)));
        match bounds.hold(pin!(timer), work.as_mut()).await {
            Some((result, when)) => {
                self.series.count(self.name, recorder, start, when);
                result
            }
            None => {
                drop_timed_out(|| work.as_mut().drop_work());
                self.series.count(self.name, recorder, start, Ended::AtLimit);
                self.timed_out(bounds)
            }
        }
    }

    /// Returns the result of work that was dropped at its limit.
    fn timed_out<E>(&self, bounds: &Bounds) -> Result<O, BlockError<E>> {
        let value = self.fallback_value.as_ref().map(|value| value());
        value.ok_or(BlockError::Timeout { limit: bounds.limit + bounds.grace })
    }
}

/// The limit of one run, which is not longer than the time until the context's deadline.
struct Bounds {
    now: Instant,
    limit: Duration,
    grace: Duration,
}

/// When work ended, by its time limit.
#[derive(Clone, Copy)]
enum Ended {
    InTime,
    /// Within the grace.
    Late,
    AtLimit,
}

impl Bounds {
    fn new(limit: Duration, grace: Duration) -> Self {
        let now = clock::timer_now();
        let left = deadline::current().map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
        let limit = limit.min(left);
        Self { now, limit, grace: grace.min(left.saturating_sub(limit)) }
    }

    /// Returns the deadline of the work inside.
    fn end(&self) -> Option<Instant> {
        self.now.checked_add(self.limit.saturating_add(self.grace))
    }

    /// Returns the timer of the limit. A limit that cannot be kept must not be a promise: without a timer the work does not start.
    fn timer(&self) -> Result<Sleep, NoTimer> {
        timer::sleep_from(self.now, self.limit)
    }

    /// Waits for the work until the end of limit and grace.
    async fn hold<F: Future>(&self, timer: Pin<&mut Sleep>, mut work: Pin<&mut F>) -> Option<(F::Output, Ended)> {
        if let Some(output) = await_within(self.limit, timer, work.as_mut()).await {
            return Some((output, Ended::InTime));
        }
        if self.grace.is_zero() {
            return None;
        }
        await_within(self.grace, pin!(sleep(self.grace)), work).await.map(|output| (output, Ended::Late))
    }
}

impl LimitSeries {
    /// Counts a run that began at `start`.
    #[inline]
    fn count(&self, block: BlockName, recorder: &'static Recorder, start: Monotonic, ended: Ended) {
        let block = block.as_str();
        let took = recorder.clock.now().0.saturating_sub(start.0);
        self.duration.add(recorder, Id::TimeoutDuration, &[block], took);
        let (cell, result) = match ended {
            Ended::InTime => (&self.in_time, "in_time"),
            Ended::Late => (&self.late, "late"),
            Ended::AtLimit => (&self.timed_out, "timed_out"),
        };
        cell.add(recorder, Id::Timeouts, &[block, result], 1);
    }
}

/// Drops work at its limit: the calls inside end as timeouts.
#[cold]
fn drop_timed_out(drop_work: impl FnOnce()) {
    let mut frame = with_current(|current| current.child()).unwrap_or(Frame::OUTERMOST);
    frame.outcome_if_dropped = Outcome::Timeout;
    let _entered = frame::enter_scope(&mut frame);
    drop_work();
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
