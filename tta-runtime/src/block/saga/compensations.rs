//! The compensations of a saga's finished steps.

use futures_util::future::BoxFuture;
use opentelemetry::KeyValue;

use crate::block::block_call::{BlockCall, BlockCallNames, current_recorder};
use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::span_name::SpanName;
use crate::block::with_deadline::with_deadline;
use crate::context::WorkflowContext;
use crate::context::frame::Connection;
use crate::schema::Id;
use crate::span::SpanDetail;

/// The compensations of the steps that have succeeded.
///
/// Dropped while some are left, the saga was cancelled: they run as a task of the current tokio runtime.
pub struct Compensations<E: Send + 'static> {
    block: &'static str,
    pending: Vec<Compensation<E>>,
    runner: CompensationRunner,
}

/// The future that runs the compensations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CompensationRunner {
    /// The saga's own future.
    Saga,
    /// A task that was spawned when the saga was dropped. A runtime that shuts down drops such a task at once, even
    /// inside `spawn`, so a dropped task never spawns another.
    Task,
}

/// The compensation of one step.
pub(super) struct Compensation<E> {
    pub(super) index: usize,
    pub(super) step: &'static str,
    pub(super) run: Box<dyn FnOnce() -> BoxFuture<'static, Result<(), BlockError<E>>> + Send>,
}

/// The values of the label `result`.
const RESULTS: [&str; 6] = ["done", "failed", "cancelled", "timeout", "panicked", "lost"];

/// Declares the series of a saga at 0, so that a rate sees the first compensation.
pub(super) fn declare(block: &'static str) {
    for result in RESULTS {
        current_recorder().declare(Id::SagaCompensations, &[block, result]);
    }
}

impl<E: Send + 'static> Compensations<E> {
    pub(super) fn new(block: &'static str) -> Self {
        Self { block, pending: Vec::new(), runner: CompensationRunner::Saga }
    }

    pub(super) fn push(&mut self, compensation: Compensation<E>) {
        self.pending.push(compensation);
    }

    /// Discards the compensations.
    pub(super) fn discard(&mut self) {
        self.pending.clear();
    }

    /// Runs the compensations in reverse order, and returns the errors of those that failed.
    ///
    /// Dropped meanwhile, the compensations that have not started run as a task. When that task is dropped too, they
    /// are lost.
    pub(super) async fn run(&mut self) -> Vec<(&'static str, BlockError<E>)> {
        let mut failed = Vec::new();
        while let Some(Compensation { index, step, run }) = self.pending.pop() {
            let names = BlockCallNames {
                block: BlockName::Own(self.block),
                primitive_type: "saga",
                span: SpanName::Numbered("primitive.saga.compensation_", index),
                connection: Some(Connection::Sequential),
                detail: SpanDetail::Full,
            };
            let mut call = BlockCall::start(names, || {
                vec![KeyValue::new("step.index", index as i64), KeyValue::new("step.name", step)]
            });
            let recorder = call.recorder();
            call.count_if_unfinished(Id::SagaCompensations, self.block);
            // The deadline limits the steps. Undoing them must not fail because it has passed.
            let (result, call) = call.instrument(with_deadline(None, run())).await;
            call.end(&result);
            let label = if result.is_ok() { "done" } else { "failed" };
            recorder.add(Id::SagaCompensations, &[self.block, label], 1);
            failed.extend(result.err().map(|error| (step, error)));
        }
        failed
    }
}

impl<E: Send + 'static> Drop for Compensations<E> {
    fn drop(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut left =
            Self { block: self.block, pending: std::mem::take(&mut self.pending), runner: CompensationRunner::Task };
        if self.runner == CompensationRunner::Saga && tokio::runtime::Handle::try_current().is_ok() {
            WorkflowContext::current().spawn(async move { left.run().await });
        } else {
            let recorder = current_recorder();
            recorder.add(Id::SagaCompensations, &[left.block, "lost"], left.pending.len() as u64);
            left.discard();
        }
    }
}
