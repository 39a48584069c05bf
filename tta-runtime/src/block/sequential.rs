//! Steps, each of which takes what the one before it made.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Shr;

use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, inside};
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;

/// Runs steps one after the other: the output of each is the input of the next, and the first error ends it.
///
/// `sequence >> step` is short for `sequence.then(step)`. A step that does not take what stands before it, or that has
/// another error, does not compile; [`Block::map_err`] makes errors alike.
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

/// The beginning of a [`Sequential`], to which steps are added.
#[derive(Clone, Copy, Debug)]
pub struct NoSteps;

/// A step of a [`Sequential`], and those before it.
#[derive(Clone, Copy, Debug)]
pub struct Step<S, W> {
    before: S,
    work: W,
}

/// Steps that run one after the other.
pub trait Steps<I>: Send + Sync {
    /// What the last one makes.
    type Output: Send;
    /// Why one of them could not.
    type Error: Send;
    /// How many there are.
    const COUNT: usize;

    /// Runs them as parts of the block.
    fn run(
        &self,
        within: Within,
        input: I,
    ) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;
}

/// The sequence that a step stands in.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    block: &'static str,
    total: usize,
}

impl<I: Send> Sequential<I, NoSteps> {
    /// Makes a sequence to which steps are added.
    pub fn new(name: &'static str) -> Self {
        Self { name, steps: NoSteps, input: PhantomData }
    }

    /// Adds the first step.
    pub fn then<W: Block<I>>(self, work: W) -> Sequential<I, Step<NoSteps, W>> {
        Sequential { name: self.name, steps: Step { before: self.steps, work }, input: PhantomData }
    }
}

impl<I, S, V> Sequential<I, Step<S, V>>
where
    Step<S, V>: Steps<I>,
{
    /// Adds a step that takes the output so far.
    pub fn then<W>(self, work: W) -> Sequential<I, Step<Step<S, V>, W>>
    where
        W: Block<<Step<S, V> as Steps<I>>::Output, Error = <Step<S, V> as Steps<I>>::Error>,
    {
        Sequential { name: self.name, steps: Step { before: self.steps, work }, input: PhantomData }
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

    fn run(&self, within: Within, input: I) -> impl Future<Output = Result<W::Output, BlockError<W::Error>>> + Send {
        step(within, 0, &self.work, input)
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

    async fn run(&self, within: Within, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let between = self.before.run(within, input).await?;
        step(within, Self::COUNT - 1, &self.work, between).await
    }
}

async fn step<I, W: Block<I>>(
    within: Within,
    index: usize,
    work: &W,
    input: I,
) -> Result<W::Output, BlockError<W::Error>> {
    let name = Name {
        block: BlockName::Own(within.block),
        primitive_type: "sequential",
        span: SpanName::Numbered("primitive.sequential.step_", index),
        connection: Some(Connection::Sequential),
    };
    let part = Part::start(name, || {
        vec![
            KeyValue::new("step.index", index as i64),
            KeyValue::new("step.name", work.name()),
            KeyValue::new("step.total_steps", within.total as i64),
        ]
    });
    let (result, part) = inside(part, work.run(input)).await;
    part.end(&result);
    result
}

impl<I: Send, S: Steps<I>> Block<I> for Sequential<I, S> {
    type Output = S::Output;
    type Error = S::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<S::Output, BlockError<S::Error>> {
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "sequential",
            span: SpanName::Of("primitive.sequential.execute"),
            connection: Some(Connection::Sequential),
        };
        let part = Part::start(name, Vec::new);
        let within = Within { block: self.name, total: S::COUNT };
        let (result, part) = inside(part, self.steps.run(within, input)).await;
        part.end(&result);
        result
    }
}
