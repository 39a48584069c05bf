//! A sequence of steps: the output of each is the input of the next.
//!
//! A program builds a [`Sequential`]; the other items are the types of its steps.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Shr;

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames};
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use crate::span::SpanDetail;

/// Runs steps one after the other: the output of each is the input of the next, and the first error ends the sequence.
///
/// `sequence >> step` is short for `sequence.then(step)`. A step whose input is not the output before it, or whose
/// error type differs, does not compile; [`Block::map_err`] unifies the errors.
///
/// ```
/// use tta_runtime::block::{Block, BlockError, Sequential};
///
/// async fn trim(text: &str) -> Result<&str, String> {
///     Ok(text.trim())
/// }
///
/// async fn count(text: &str) -> Result<usize, String> {
///     if text.is_empty() { Err("nothing to count".to_owned()) } else { Ok(text.len()) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let length = Sequential::new("length") >> trim >> count;
/// assert_eq!(length.run(" four ").await, Ok(4));
/// assert_eq!(length.run(" ").await, Err(BlockError::Inner("nothing to count".to_owned())));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Sequential<I, S> {
    name: &'static str,
    steps: S,
    input: PhantomData<fn(I)>,
}

/// A [`Sequential`] without steps.
#[derive(Clone, Copy, Debug)]
pub struct NoSteps;

/// The last step of a [`Sequential`], after the steps before it.
#[derive(Clone, Copy, Debug)]
pub struct Step<S, W> {
    before: S,
    /// The name of the work: that of a function is taken from its type each time that it is asked for.
    name: &'static str,
    work: W,
}

/// The steps of a [`Sequential`]; implemented by [`Step`].
pub trait Steps<I>: Send + Sync {
    /// The output of the last step.
    type Output: Send;
    /// The error of the steps.
    type Error: Send;
    /// The number of steps.
    const COUNT: usize;

    /// Runs the steps in order until one fails.
    fn run(
        &self,
        sequence: Sequence,
        input: I,
    ) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;
}

/// The name and the length of the sequence that a step belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    pub(super) block: &'static str,
    pub(super) total_steps: usize,
}

impl Sequence {
    /// Starts the call of one step.
    pub(super) fn start_step(
        self,
        primitive_type: &'static str,
        span_prefix: &'static str,
        index: usize,
        step: &'static str,
    ) -> BlockCall {
        let names = BlockCallNames {
            block: BlockName::Own(self.block),
            primitive_type,
            span: SpanName::Numbered(span_prefix, index),
            connection: Some(Connection::Sequential),
            detail: SpanDetail::Full,
        };
        BlockCall::start(names, || {
            vec![
                KeyValue::new("step.index", index as i64),
                KeyValue::new("step.name", step),
                KeyValue::new("step.total_steps", self.total_steps as i64),
            ]
        })
    }
}

impl<I: Send> Sequential<I, NoSteps> {
    /// Makes a sequence without steps, to which [`then`](Self::then) adds them.
    pub fn new(name: &'static str) -> Self {
        Self { name, steps: NoSteps, input: PhantomData }
    }

    /// Adds the first step.
    pub fn then<W: Block<I>>(self, work: W) -> Sequential<I, Step<NoSteps, W>> {
        Sequential { name: self.name, steps: Step { before: self.steps, name: work.name(), work }, input: PhantomData }
    }
}

impl<I, S, V> Sequential<I, Step<S, V>>
where
    Step<S, V>: Steps<I>,
{
    /// Adds a step whose input is the output of the step before it.
    pub fn then<W>(self, work: W) -> Sequential<I, Step<Step<S, V>, W>>
    where
        W: Block<<Step<S, V> as Steps<I>>::Output, Error = <Step<S, V> as Steps<I>>::Error>,
    {
        Sequential { name: self.name, steps: Step { before: self.steps, name: work.name(), work }, input: PhantomData }
    }
}

impl<I: Send, W: Block<I>> Shr<W> for Sequential<I, NoSteps> {
    type Output = Sequential<I, Step<NoSteps, W>>;

    fn shr(self, work: W) -> Self::Output {
        self.then(work)
    }
}

impl<I, S, V, W> Shr<W> for Sequential<I, Step<S, V>>
where
    Step<S, V>: Steps<I>,
    W: Block<<Step<S, V> as Steps<I>>::Output, Error = <Step<S, V> as Steps<I>>::Error>,
{
    type Output = Sequential<I, Step<Step<S, V>, W>>;

    fn shr(self, work: W) -> Self::Output {
        self.then(work)
    }
}

impl<I: Send, W: Block<I>> Steps<I> for Step<NoSteps, W> {
    type Output = W::Output;
    type Error = W::Error;
    const COUNT: usize = 1;

    fn run(
        &self,
        sequence: Sequence,
        input: I,
    ) -> impl Future<Output = Result<W::Output, BlockError<W::Error>>> + Send {
        step(sequence, 0, (self.name, &self.work), input)
    }
}

impl<I, S, V, W> Steps<I> for Step<Step<S, V>, W>
where
    I: Send,
    S: Send + Sync,
    V: Send + Sync,
    Step<S, V>: Steps<I>,
    W: Block<<Step<S, V> as Steps<I>>::Output, Error = <Step<S, V> as Steps<I>>::Error>,
{
    type Output = W::Output;
    type Error = W::Error;
    const COUNT: usize = <Step<S, V> as Steps<I>>::COUNT + 1;

    async fn run(&self, sequence: Sequence, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let between = self.before.run(sequence, input).await?;
        step(sequence, Self::COUNT - 1, (self.name, &self.work), between).await
    }
}

async fn step<I, W: Block<I>>(
    sequence: Sequence,
    index: usize,
    (name, work): (&'static str, &W),
    input: I,
) -> Result<W::Output, BlockError<W::Error>> {
    let call = sequence.start_step("sequential", "primitive.sequential.step_", index, name);
    let (result, call) = call.instrument(work.run(input)).await;
    call.end(&result);
    result
}

impl<I: Send, S: Steps<I>> Block<I> for Sequential<I, S> {
    type Output = S::Output;
    type Error = S::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<S::Output, BlockError<S::Error>> {
        let names = BlockCallNames {
            block: BlockName::Own(self.name),
            primitive_type: "sequential",
            span: SpanName::Fixed("primitive.sequential.execute"),
            connection: Some(Connection::Sequential),
            detail: SpanDetail::Low,
        };
        let call = BlockCall::start(names, Vec::new);
        let sequence = Sequence { block: self.name, total_steps: S::COUNT };
        let (result, call) = call.instrument(self.steps.run(sequence, input)).await;
        call.end(&result);
        result
    }
}
