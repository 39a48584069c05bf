//! A layer that stops work which an agent would repeat once more.
//!
//! A program adds a [`LoopGuard`]; [`Guarded`] is the type of the work with the layer around it.

use std::hash::Hash;
use std::sync::Arc;

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::{Block, Layer};
use crate::agent_run::{LONGEST_PERIOD, LoopLimits, OnLoop, Step};
use crate::call::loop_guard::{admit, step_of};
use crate::model::NanoUsd;
use crate::schema::Id;
use crate::span::SpanDetail;

/// Stops work that would repeat the latest calls of its run once more, and work of a run that has reached a limit.
///
/// A run is a call of an agent or a workflow, or the scope of a [`WorkflowContext`](crate::WorkflowContext) that is new or came
/// with a request; the innermost one counts. All work with a guard in a run, and all functions with the key `loop_guard`, are the
/// steps of the run. Two steps are the same if their names and inputs are. By default the same one, two or three steps may be made
/// three times in a row. Then the work does not start, and the result is [`BlockError::RunStopped`].
///
/// Inputs are kept as hashes, whose key each process chooses at random. The attempts of a [`Retry`](super::Retry) around the
/// guarded work are one step. Outside of any run nothing is stopped, and the first such call logs a warning.
///
/// ```
/// use tta_runtime::block::{Block, BlockError, LoopGuard};
/// use tta_runtime::{RunStopped, WorkflowContext};
///
/// async fn search(city: &str) -> Result<usize, String> {
///     Ok(city.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let search = search.with(LoopGuard::new());
/// WorkflowContext::new()
///     .scope(async {
///         for _ in 0..3 {
///             assert_eq!(search.run("Bergen").await, Ok(6));
///         }
///         let stopped = RunStopped::Loop { cycle: vec!["search"], times: 3 };
///         assert_eq!(search.run("Bergen").await, Err(BlockError::RunStopped(stopped)));
///         assert_eq!(search.run("Oslo").await, Ok(4));
///     })
///     .await;
/// # }
/// ```
#[must_use = "layers do nothing unless they are put around work"]
pub struct LoopGuard<I> {
    name: Option<&'static str>,
    limits: LoopLimits,
    step: StepFn<I>,
}

/// Makes the step of an input for work of this name.
type StepFn<I> = Arc<dyn Fn(&'static str, &I) -> Step + Send + Sync>;

impl<I: Hash> LoopGuard<I> {
    /// Makes a guard that compares whole inputs.
    #[expect(clippy::new_without_default, reason = "no other layer has a default")]
    pub fn new() -> Self {
        Self::of(|name, input: &I| step_of(name, input))
    }
}

impl<I> LoopGuard<I> {
    /// Makes a guard that compares what `key` returns for the inputs, such as one part of them.
    pub fn by<K: Hash>(key: impl Fn(&I) -> K + Send + Sync + 'static) -> Self {
        Self::of(move |name, input: &I| step_of(name, &key(input)))
    }

    /// Makes a guard for work that is meant to be repeated with the same input, such as a job whose state is polled.
    ///
    /// Its calls are steps that repeat no other. Only the limits on [`steps`](Self::steps) and [`cost_usd`](Self::cost_usd) stop
    /// them.
    pub fn polled() -> Self {
        Self::of(|name, _| Step { name, hash: None })
    }

    fn of(step: impl Fn(&'static str, &I) -> Step + Send + Sync + 'static) -> Self {
        Self { name: None, limits: LoopLimits::DEFAULT, step: Arc::new(step) }
    }

    /// Sets how often the same steps may be made in a row; the default is 3.
    ///
    /// # Panics
    ///
    /// Panics if it is 0.
    #[track_caller]
    pub fn repeats(mut self, repeats: u32) -> Self {
        assert!(repeats > 0, "a step must be allowed once: write at least `repeats(1)`");
        self.limits.repeats = repeats;
        self
    }

    /// Sets the longest period: the number of different steps that are repeated together. The default is 3.
    ///
    /// # Panics
    ///
    /// Panics if it is 0 or above 16.
    #[track_caller]
    pub fn period(mut self, period: u32) -> Self {
        assert!(
            (1..=LONGEST_PERIOD as u32).contains(&period),
            "a period has 1 to {LONGEST_PERIOD} steps, and not {period}"
        );
        self.limits.period = period;
        self
    }

    /// Sets how many steps the run may have made before this work; the default is any number.
    pub fn steps(mut self, steps: u32) -> Self {
        self.limits.steps = Some(steps);
        self
    }

    /// Sets the cost, in US dollars, from which on the run may not start this work; the default is none.
    ///
    /// The cost is that of the model calls in the run, nested runs included, which have ended and are priced.
    ///
    /// # Panics
    ///
    /// Panics if it is negative, not a number, or above 18 billion.
    #[track_caller]
    pub fn cost_usd(mut self, usd: f64) -> Self {
        let cost = NanoUsd::from_usd(usd);
        assert!(cost.is_some(), "the cost of a run must be an amount in US dollars, and not {usd}");
        self.limits.cost_nano_usd = cost.map(|cost| cost.0);
        self
    }

    /// Counts repetitions instead of stopping them, such as to see what a guard would stop. Limits on steps and cost still stop.
    pub fn count_only(mut self) -> Self {
        self.limits.on_loop = OnLoop::Count;
        self
    }

    /// Gives the layer a name and a node of its own in the service map.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}

impl<I> std::fmt::Debug for LoopGuard<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LoopGuard").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl<I, W: Block<I>> Layer<I, W> for LoopGuard<I> {
    type Block = Guarded<I, W>;

    fn around(self, work: W) -> Self::Block {
        let Self { name, limits, step } = self;
        let name = BlockName::of_layer(name, work.name());
        let recorder = current_recorder();
        for action in ["stopped", "counted"] {
            recorder.declare(Id::Loops, &[name.as_str(), action]);
        }
        recorder.declare(Id::LoopsCost, &[name.as_str()]);
        for limit in ["steps", "cost"] {
            recorder.declare(Id::RunLimits, &[name.as_str(), limit]);
        }
        Guarded { name, limits, step, work }
    }
}

/// Work with a [`LoopGuard`] around it.
#[must_use = "blocks do nothing unless they are run"]
pub struct Guarded<I, W> {
    name: BlockName,
    limits: LoopLimits,
    step: StepFn<I>,
    work: W,
}

impl<I: Send, W: Block<I>> Block<I> for Guarded<I, W> {
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let stopped = admit((self.step)(self.name.as_str(), &input), &self.limits).err();
        if stopped.is_none() && !BlockCall::is_needed(self.name) {
            return self.work.run(input).await;
        }
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "loop_guard",
            span: SpanName::Fixed("primitive.loop_guard.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let call = BlockCall::start(names, Vec::new);
        if let Some(stopped) = stopped {
            let result = Err(BlockError::RunStopped(stopped));
            call.end(&result);
            return result;
        }
        let (result, call) = call.instrument(self.work.run(input)).await;
        call.end(&result);
        result
    }
}

impl<I, W: std::fmt::Debug> std::fmt::Debug for Guarded<I, W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Guarded")
            .field("limits", &self.limits)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}
