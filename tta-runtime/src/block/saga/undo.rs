//! What is to be undone when a later step does not succeed.

use futures_util::future::BoxFuture;
use opentelemetry::KeyValue;

use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::part::{Name, Part, current_recorder, inside};
use crate::block::span_name::SpanName;
use crate::context::WorkflowContext;
use crate::context::frame::Connection;
use crate::schema::Id;

/// The compensations of the steps that finished. Dropped as it is, the saga was cancelled, and they run as a task of the
/// current runtime.
pub struct Undo<E: Send + 'static> {
    block: &'static str,
    finished: Vec<Compensation<E>>,
    place: Place,
}

/// Where compensations run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Saga,
    /// In a task of their own. A runtime that shuts down drops such a task at once, also from within its spawning: it
    /// must not spawn another.
    Task,
}

/// How one step is undone.
pub(super) struct Compensation<E> {
    pub(super) index: usize,
    pub(super) step: &'static str,
    pub(super) run: Box<dyn FnOnce() -> BoxFuture<'static, Result<(), BlockError<E>>> + Send>,
}

/// What may become of a compensation.
const RESULTS: [&str; 6] = ["done", "failed", "cancelled", "timeout", "panicked", "lost"];

/// Lets a saga's compensations be there with 0: of the first ever, too, a rate must see that there was none before.
pub(super) fn declare(block: &'static str) {
    for result in RESULTS {
        current_recorder().declare(Id::SagaCompensations, &[block, result]);
    }
}

impl<E: Send + 'static> Undo<E> {
    pub(super) fn new(block: &'static str) -> Self {
        Self { block, finished: Vec::new(), place: Place::Saga }
    }

    pub(super) fn push(&mut self, compensation: Compensation<E>) {
        self.finished.push(compensation);
    }

    /// Forgets the compensations: all steps succeeded.
    pub(super) fn forget(&mut self) {
        self.finished.clear();
    }

    /// Runs the compensations, the last step's first, and returns those that failed.
    ///
    /// Should it be dropped meanwhile, those that have not begun run as a task; those of such a task are lost.
    pub(super) async fn run(&mut self) -> Vec<(&'static str, BlockError<E>)> {
        let mut failed = Vec::new();
        while let Some(Compensation { index, step, run }) = self.finished.pop() {
            let name = Name {
                block: BlockName::Own(self.block),
                primitive_type: "saga",
                span: SpanName::Numbered("primitive.saga.compensation_", index),
                connection: Some(Connection::Sequential),
            };
            let mut part =
                Part::start(name, || vec![KeyValue::new("step.index", index as i64), KeyValue::new("step.name", step)]);
            // What is to be undone is so also when the time for the steps is over.
            part.change_facts(|workflow| workflow.deadline = None);
            let recorder = part.recorder();
            part.count_if_unended(Id::SagaCompensations, self.block);
            let (result, part) = inside(part, run()).await;
            part.end(&result);
            let label = if result.is_ok() { "done" } else { "failed" };
            recorder.add(Id::SagaCompensations, &[self.block, label], 1);
            failed.extend(result.err().map(|error| (step, error)));
        }
        failed
    }
}

impl<E: Send + 'static> Drop for Undo<E> {
    fn drop(&mut self) {
        if self.finished.is_empty() {
            return;
        }
        let mut left = Self { block: self.block, finished: std::mem::take(&mut self.finished), place: Place::Task };
        if self.place == Place::Saga && tokio::runtime::Handle::try_current().is_ok() {
            WorkflowContext::current().spawn(async move { left.run().await });
        } else {
            let recorder = current_recorder();
            recorder.add(Id::SagaCompensations, &[left.block, "lost"], left.finished.len() as u64);
            left.forget();
        }
    }
}
