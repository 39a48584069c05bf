//! A part of a block in flight: its span, its metrics' time, and the frame that the work inside sees.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use pin_project_lite::pin_project;

use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use crate::clock::Monotonic;
use crate::context::frame::{self, Connection, Frame, with_current};
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::span::{Origin, SpanError, SpanRecord};
use crate::workflow_attributes::WorkflowAttributes;

/// Returns where the current work records.
pub(super) fn current_recorder() -> &'static Recorder {
    with_current(|current| current.recorder).unwrap_or(&GLOBAL)
}

/// A part of a block: a branch, a route, a look-up. Dropped as it is, it was cancelled.
pub(super) struct Part {
    frame: Frame,
    start: Monotonic,
    ended: bool,
    /// What counts the part, by block and outcome, if it ends without a result.
    if_unended: Option<(Id, &'static str)>,
}

/// What a part is called, on its span and in the service map.
#[derive(Clone, Copy)]
pub(super) struct Name {
    /// The block's name: with one of its own, it is the caller of what runs inside.
    pub(super) block: BlockName,
    pub(super) primitive_type: &'static str,
    /// The name of the span.
    pub(super) span: SpanName,
    /// How the part reaches what runs inside; `None` where it merely stands in between.
    pub(super) connection: Option<Connection>,
}

impl Part {
    /// Starts a part inside whatever is current.
    pub(super) fn start(name: Name, attributes: impl FnOnce() -> Vec<KeyValue>) -> Self {
        let mut frame = with_current(|current| current.child()).unwrap_or_else(|| Frame::root(&GLOBAL));
        let recorder = frame.recorder;
        let block = name.block.as_str();
        let is_own = matches!(name.block, BlockName::Own(_) | BlockName::Again(_));
        // A block's inner parts are the block itself: the map shows no edge to oneself.
        if matches!(name.block, BlockName::Own(_)) && !frame.caller.is_empty() && frame.caller != block {
            recorder.add(Id::Connections, &[frame.caller, block, frame.connection.as_str()], 1);
        }
        let start = recorder.clock.now();
        if let Some(sampler) = recorder.spans.sampler() {
            let parent = frame.ids;
            let span = name.span.text();
            frame.ids = sampler.begin(parent, &span, &SpanKind::Internal, Vec::new);
            if frame.ids.is_sampled() {
                let mut record = SpanRecord::new(span, Origin::Block, frame.ids, parent);
                record.start = start;
                record.workflow.clone_from(&frame.workflow);
                record.attributes =
                    vec![KeyValue::new("primitive.name", block), KeyValue::new("primitive.type", name.primitive_type)];
                if !frame.caller.is_empty() {
                    record.attributes.push(KeyValue::new("primitive.parent", frame.caller));
                }
                record.attributes.extend(attributes());
                frame.record = Some(Box::new(record));
            }
        }
        if is_own {
            frame.caller = block;
            frame.connection = name.connection.unwrap_or(Connection::Call);
        } else if let Some(connection) = name.connection {
            frame.connection = connection;
        }
        Self { frame, start, ended: false, if_unended: None }
    }

    /// Returns whether a part has anything to record or to change: where no span is recorded, and the block is no node
    /// of the service map, it has not.
    pub(super) fn is_needed(block: BlockName) -> bool {
        matches!(block, BlockName::Own(_))
            || with_current(|current| {
                let is_declined = current.ids.is_some() && !current.ids.is_sampled();
                current.recorder.spans.sampler().is_some() && !is_declined
            })
            .unwrap_or(false)
    }

    pub(super) fn recorder(&self) -> &'static Recorder {
        self.frame.recorder
    }

    /// Changes the workflow that the work inside sees.
    pub(super) fn change_facts(&mut self, change: impl FnOnce(&mut WorkflowAttributes)) {
        let mut workflow = self.frame.workflow.as_deref().cloned().unwrap_or_default();
        change(&mut workflow);
        self.frame.workflow = Some(workflow.into());
    }

    /// Counts the part by its outcome if it is cancelled or panics.
    pub(super) fn count_if_unended(&mut self, id: Id, block: &'static str) {
        self.if_unended = Some((id, block));
    }

    pub(super) fn set(&mut self, attribute: KeyValue) {
        if let Some(record) = &mut self.frame.record {
            record.set(attribute);
        }
    }

    /// Returns when the part started, on its recorder's clock.
    pub(super) fn start_time(&self) -> Monotonic {
        self.start
    }

    /// Returns the nanoseconds since the part started.
    pub(super) fn elapsed(&self) -> u64 {
        let now = self.frame.recorder.clock.now();
        now.0.saturating_sub(self.start.0)
    }

    /// Ends the part by the result of its work.
    pub(super) fn end<T, E>(mut self, result: &Result<T, BlockError<E>>) {
        self.if_unended = None;
        match result {
            Ok(_) => self.close(Outcome::Success, String::new),
            Err(error) => self.close(error.outcome(), || error.type_name()),
        }
    }

    /// Ends the part, which did what it was for.
    pub(super) fn succeed(mut self) {
        self.close(Outcome::Success, String::new);
    }

    fn close(&mut self, outcome: Outcome, error: impl FnOnce() -> String) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let recorder = self.frame.recorder;
        if let Some((id, block)) = self.if_unended.take() {
            recorder.add(id, &[block, outcome.as_str()], 1);
        }
        if let Some(mut record) = self.frame.record.take() {
            record.end = recorder.clock.now();
            record.outcome = Some(outcome);
            if outcome.is_bad() {
                // The error arose in the work inside, whose span says more about it.
                record.error = Some(SpanError { kind: error().into(), message: None, is_origin: false });
                let below = record.inner_error.take();
                with_current(|caller| {
                    if let (Some(caller), Some(below)) = (&mut caller.record, below) {
                        caller.inner_error = Some(below);
                    }
                });
            }
            recorder.spans.push(record);
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Only time that ran out is an error to name.
        self.close(frame::outcome_if_dropped(), || "timeout".to_owned());
    }
}

/// Ends the part if the work inside unwinds.
struct Armed<'a>(&'a mut Part);

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        self.0.close(Outcome::Panicked, || "panic".to_owned());
    }
}

pin_project! {
    /// Work that runs inside a part.
    pub(super) struct Inside<F> {
        #[pin]
        work: Option<F>,
        part: Option<Part>,
    }

    impl<F> PinnedDrop for Inside<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.part {
                Some(part) => {
                    let _entered = frame::enter_to_drop(&mut part.frame);
                    this.work.set(None);
                }
                None => this.work.set(None),
            }
        }
    }
}

/// Runs work inside a part, and gives the part back with the work's output.
pub(super) fn inside<F: Future>(part: Part, work: F) -> Inside<F> {
    Inside { work: Some(work), part: Some(part) }
}

impl<F> Inside<F> {
    /// Drops the work because its time ran out, and gives the part back.
    pub(super) fn time_out(self: Pin<&mut Self>) -> Option<Part> {
        let mut this = self.project();
        let mut part = this.part.take()?;
        part.frame.outcome_if_dropped = Outcome::Timeout;
        {
            let _entered = frame::enter(&mut part.frame);
            this.work.set(None);
        }
        Some(part)
    }
}

impl<F: Future> Future for Inside<F> {
    type Output = (F::Output, Part);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (Some(work), Some(part)) = (this.work.as_pin_mut(), this.part.as_mut()) else { return Poll::Pending };
        let armed = Armed(part);
        let polled = {
            let _entered = frame::enter_scope(&mut armed.0.frame);
            work.poll(cx)
        };
        std::mem::forget(armed);
        let output = std::task::ready!(polled);
        match this.part.take() {
            Some(part) => Poll::Ready((output, part)),
            None => Poll::Pending,
        }
    }
}
