//! Steps that are undone when a later one fails.

mod undo;

use std::future::Future;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, inside};
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use undo::{Compensation, Undo};

/// Runs steps one after the other, each with a compensation; when one does not succeed, those that did are undone.
///
/// A compensation is given the output of its step. Compensations run in reverse, after an error, a panic (which goes on
/// when they are through), and when the saga's future is dropped: then as a task of the current tokio runtime; where
/// there is none, they are counted as `lost`. The step that did not succeed is not undone. A compensation that fails does
/// not stop the others: they are all reported in [`BlockError::NotUndone`].
///
/// ```
/// use std::sync::Mutex;
/// use tta_runtime::block::{Block, BlockError, Saga};
///
/// static SEATS: Mutex<u32> = Mutex::new(10);
///
/// async fn reserve(seats: u32) -> Result<u32, String> {
///     *SEATS.lock().unwrap() -= seats;
///     Ok(seats)
/// }
///
/// async fn release(seats: u32) -> Result<(), String> {
///     *SEATS.lock().unwrap() += seats;
///     Ok(())
/// }
///
/// async fn pay(_seats: u32) -> Result<u32, String> {
///     Err("card refused".to_owned())
/// }
///
/// async fn refund(_receipt: u32) -> Result<(), String> {
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let book = Saga::new("book").step(reserve, release).step(pay, refund);
/// assert_eq!(book.run(2).await, Err(BlockError::Inner("card refused".to_owned())));
/// assert_eq!(*SEATS.lock().unwrap(), 10);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Saga<I, S> {
    name: &'static str,
    steps: S,
    input: PhantomData<fn(I)>,
}

/// The beginning of a [`Saga`], to which steps are added.
#[derive(Clone, Copy, Debug)]
pub struct NotBegun;

/// A step of a [`Saga`], those before it, and how it is undone.
#[derive(Clone, Debug)]
pub struct Undoable<S, W, C> {
    before: S,
    work: W,
    compensation: Arc<C>,
}

/// Steps that can be undone.
pub trait UndoableSteps<I>: Send + Sync {
    /// What the last one makes.
    type Output: Clone + Send + 'static;
    /// Why one of them could not.
    type Error: Send + 'static;
    /// How many there are.
    const COUNT: usize;

    /// Runs them, and notes how those that succeeded are undone.
    fn run(
        &self,
        within: Within,
        input: I,
        undo: &mut Undo<Self::Error>,
    ) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;
}

/// The saga that a step stands in.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    block: &'static str,
    total: usize,
}

impl<I: Send> Saga<I, NotBegun> {
    /// Makes a saga to which steps are added.
    pub fn new(name: &'static str) -> Self {
        undo::declare(name);
        Self { name, steps: NotBegun, input: PhantomData }
    }

    /// Adds the first step, and how it is undone.
    pub fn step<W, C>(self, work: W, compensation: C) -> Saga<I, Undoable<NotBegun, W, C>>
    where
        W: Block<I, Output: Clone + 'static, Error: 'static>,
        C: Block<W::Output, Output = (), Error = W::Error> + 'static,
    {
        let steps = Undoable { before: self.steps, work, compensation: Arc::new(compensation) };
        Saga { name: self.name, steps, input: PhantomData }
    }
}

impl<I, S, V, D> Saga<I, Undoable<S, V, D>>
where
    Undoable<S, V, D>: UndoableSteps<I>,
{
    /// Adds a step that takes the output so far, and how it is undone.
    #[expect(clippy::type_complexity, reason = "the type is the list of the steps")]
    pub fn step<W, C>(self, work: W, compensation: C) -> Saga<I, Undoable<Undoable<S, V, D>, W, C>>
    where
        W: Block<
                <Undoable<S, V, D> as UndoableSteps<I>>::Output,
                Output: Clone + 'static,
                Error = <Undoable<S, V, D> as UndoableSteps<I>>::Error,
            >,
        C: Block<W::Output, Output = (), Error = W::Error> + 'static,
    {
        let steps = Undoable { before: self.steps, work, compensation: Arc::new(compensation) };
        Saga { name: self.name, steps, input: PhantomData }
    }
}

impl<I, W, C> UndoableSteps<I> for Undoable<NotBegun, W, C>
where
    I: Send,
    W: Block<I, Output: Clone + 'static, Error: 'static>,
    C: Block<W::Output, Output = (), Error = W::Error> + 'static,
{
    type Output = W::Output;
    type Error = W::Error;
    const COUNT: usize = 1;

    async fn run(
        &self,
        within: Within,
        input: I,
        undo: &mut Undo<W::Error>,
    ) -> Result<W::Output, BlockError<W::Error>> {
        step(within, 0, (&self.work, &self.compensation), input, undo).await
    }
}

impl<I, S, V, D, W, C> UndoableSteps<I> for Undoable<Undoable<S, V, D>, W, C>
where
    I: Send,
    Undoable<S, V, D>: UndoableSteps<I>,
    W: Block<
            <Undoable<S, V, D> as UndoableSteps<I>>::Output,
            Output: Clone + 'static,
            Error = <Undoable<S, V, D> as UndoableSteps<I>>::Error,
        >,
    C: Block<W::Output, Output = (), Error = W::Error> + 'static,
{
    type Output = W::Output;
    type Error = W::Error;
    const COUNT: usize = <Undoable<S, V, D> as UndoableSteps<I>>::COUNT + 1;

    async fn run(
        &self,
        within: Within,
        input: I,
        undo: &mut Undo<W::Error>,
    ) -> Result<W::Output, BlockError<W::Error>> {
        let between = self.before.run(within, input, undo).await?;
        step(within, Self::COUNT - 1, (&self.work, &self.compensation), between, undo).await
    }
}

async fn step<I, W, C>(
    within: Within,
    index: usize,
    (work, compensation): (&W, &Arc<C>),
    input: I,
    undo: &mut Undo<W::Error>,
) -> Result<W::Output, BlockError<W::Error>>
where
    W: Block<I, Output: Clone + 'static, Error: 'static>,
    C: Block<W::Output, Output = (), Error = W::Error> + 'static,
{
    let name = Name {
        block: BlockName::Own(within.block),
        primitive_type: "saga",
        span: SpanName::Numbered("primitive.saga.step_", index),
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
    if let Ok(output) = &result {
        let (output, compensation) = (output.clone(), Arc::clone(compensation));
        let run = Box::new(move || async move { compensation.run(output).await }.boxed());
        undo.push(Compensation { index, step: work.name(), run });
    }
    result
}

impl<I: Send, S: UndoableSteps<I>> Block<I> for Saga<I, S> {
    type Output = S::Output;
    type Error = S::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<S::Output, BlockError<S::Error>> {
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "saga",
            span: SpanName::Of("primitive.saga.execute"),
            connection: Some(Connection::Sequential),
        };
        let part = Part::start(name, Vec::new);
        let (result, part) = inside(part, self.run_steps(input)).await;
        part.end(&result);
        result
    }
}

impl<I: Send, S: UndoableSteps<I>> Saga<I, S> {
    async fn run_steps(&self, input: I) -> Result<S::Output, BlockError<S::Error>> {
        let within = Within { block: self.name, total: S::COUNT };
        let mut undo = Undo::new(self.name);
        let ended = AssertUnwindSafe(self.steps.run(within, input, &mut undo)).catch_unwind().await;
        if matches!(ended, Ok(Ok(_))) {
            undo.forget();
        }
        let failed = undo.run().await;
        let result = ended.unwrap_or_else(|payload| resume_unwind(payload));
        match result {
            Err(cause) if !failed.is_empty() => Err(BlockError::NotUndone { cause: Box::new(cause), failed }),
            result => result,
        }
    }
}
