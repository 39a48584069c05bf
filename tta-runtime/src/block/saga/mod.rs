//! A sequence of steps with compensations, which run in reverse when a later step fails.
//!
//! A program builds a [`Saga`]; the other items are the types of its steps.

mod compensations;

use std::future::Future;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;

use super::block_call::{BlockCall, BlockCallNames};
use super::error::BlockError;
use super::name::BlockName;
use super::sequential::Sequence;
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use crate::span::SpanDetail;
use compensations::Compensation;
pub use compensations::Compensations;

/// Runs steps one after the other, each with a compensation; when a step fails, the compensations undo the steps before
/// it.
///
/// A compensation takes the output of its step. Compensations run in reverse order, and the step that failed has none
/// to run. They run
///
/// - after an error of a step, which is then returned,
/// - after a panic of a step, which then resumes,
/// - when the saga's future is dropped, as a task of the current tokio runtime. Without a current runtime, or when the
///   runtime drops that task, the remaining compensations do not run and count as `lost`.
///
/// A compensation that fails does not stop the others; [`BlockError::NotUndone`] reports all that failed. Compensations
/// ignore the context's deadline.
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

/// A [`Saga`] without steps.
#[derive(Clone, Copy, Debug)]
pub struct NotBegun;

/// The last step of a [`Saga`] with its compensation, after the steps before it.
#[derive(Clone, Debug)]
pub struct Undoable<S, W, C> {
    before: S,
    /// The name of the work: that of a function is taken from its type each time that it is asked for.
    name: &'static str,
    work: W,
    compensation: Arc<C>,
}

/// The steps of a [`Saga`]; implemented by [`Undoable`].
pub trait UndoableSteps<I>: Send + Sync {
    /// The output of the last step.
    type Output: Clone + Send + 'static;
    /// The error of the steps and of their compensations.
    type Error: Send + 'static;
    /// The number of steps.
    const COUNT: usize;

    /// Runs the steps in order until one fails, and adds the compensation of each step that succeeds.
    fn run(
        &self,
        sequence: Sequence,
        input: I,
        compensations: &mut Compensations<Self::Error>,
    ) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;
}

impl<I: Send> Saga<I, NotBegun> {
    /// Makes a saga without steps, to which [`step`](Self::step) adds them.
    pub fn new(name: &'static str) -> Self {
        compensations::declare(name);
        Self { name, steps: NotBegun, input: PhantomData }
    }

    /// Adds the first step, and the compensation that undoes it.
    pub fn step<W, C>(self, work: W, compensation: C) -> Saga<I, Undoable<NotBegun, W, C>>
    where
        W: Block<I, Output: Clone + 'static, Error: 'static>,
        C: Block<W::Output, Output = (), Error = W::Error> + 'static,
    {
        let steps = Undoable { before: self.steps, name: work.name(), work, compensation: Arc::new(compensation) };
        Saga { name: self.name, steps, input: PhantomData }
    }
}

impl<I, S, V, D> Saga<I, Undoable<S, V, D>>
where
    Undoable<S, V, D>: UndoableSteps<I>,
{
    /// Adds a step whose input is the output of the step before it, and the compensation that undoes it.
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
        let steps = Undoable { before: self.steps, name: work.name(), work, compensation: Arc::new(compensation) };
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
        sequence: Sequence,
        input: I,
        compensations: &mut Compensations<W::Error>,
    ) -> Result<W::Output, BlockError<W::Error>> {
        step(sequence, 0, (self.name, &self.work, &self.compensation), input, compensations).await
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
        sequence: Sequence,
        input: I,
        compensations: &mut Compensations<W::Error>,
    ) -> Result<W::Output, BlockError<W::Error>> {
        let between = self.before.run(sequence, input, compensations).await?;
        step(sequence, Self::COUNT - 1, (self.name, &self.work, &self.compensation), between, compensations).await
    }
}

async fn step<I, W, C>(
    sequence: Sequence,
    index: usize,
    (name, work, compensation): (&'static str, &W, &Arc<C>),
    input: I,
    compensations: &mut Compensations<W::Error>,
) -> Result<W::Output, BlockError<W::Error>>
where
    W: Block<I, Output: Clone + 'static, Error: 'static>,
    C: Block<W::Output, Output = (), Error = W::Error> + 'static,
{
    let call = sequence.start_step("saga", "primitive.saga.step_", index, name);
    let (result, call) = call.instrument(work.run(input)).await;
    call.end(&result);
    if let Ok(output) = &result {
        let (output, compensation) = (output.clone(), Arc::clone(compensation));
        let run = Box::new(move || async move { compensation.run(output).await }.boxed());
        compensations.push(Compensation { index, step: name, run });
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
        let names = BlockCallNames {
            block: BlockName::Own(self.name),
            primitive_type: "saga",
            span: SpanName::Fixed("primitive.saga.execute"),
            connection: Some(Connection::Sequential),
            detail: SpanDetail::Low,
        };
        let call = BlockCall::start(names, Vec::new);
        let (result, call) = call.instrument(self.run_steps(input)).await;
        call.end(&result);
        result
    }
}

impl<I: Send, S: UndoableSteps<I>> Saga<I, S> {
    async fn run_steps(&self, input: I) -> Result<S::Output, BlockError<S::Error>> {
        let sequence = Sequence { block: self.name, total_steps: S::COUNT };
        let mut compensations = Compensations::new(self.name);
        let ended = AssertUnwindSafe(self.steps.run(sequence, input, &mut compensations)).catch_unwind().await;
        if matches!(ended, Ok(Ok(_))) {
            compensations.discard();
        }
        let failed = compensations.run().await;
        let result = ended.unwrap_or_else(|payload| resume_unwind(payload));
        match result {
            Err(cause) if !failed.is_empty() => Err(BlockError::NotUndone { cause: Box::new(cause), failed }),
            result => result,
        }
    }
}
