//! The span and the frame of a block, or of one of its steps, branches, attempts or look-ups, while it runs.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use pin_project_lite::pin_project;

use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use crate::call::host_span::HostSpan;
use crate::clock::Monotonic;
use crate::context::caller::Caller;
use crate::context::frame::{self, Connection, Frame, with_current};
use crate::context::host;
use crate::id::SpanIds;
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::span::{
    Destination, HostRecording, LeftOut, Origin, SpanDetail, SpanError, SpanRecord, SpanStart, record_memory,
};
use crate::workflow_attributes::WorkflowAttributes;

/// Returns the recorder of the current frame, or the global recorder outside of any frame.
pub(super) fn current_recorder() -> &'static Recorder {
    with_current(|current| current.recorder).unwrap_or(&GLOBAL)
}

/// One run of a block, or of one of its steps, branches, attempts or look-ups.
///
/// Dropped before [`end`](Self::end), it ends as cancelled, or as a timeout where a time limit dropped it.
pub(super) struct BlockCall {
    frame: Frame,
    host_span: HostSpan,
    start: Monotonic,
    is_ended: bool,
    /// The metric and the block name that count the call if it ends without a result.
    if_unfinished: Option<(Id, &'static str)>,
}

/// The names of a block call in its span and in the service map.
#[derive(Clone, Copy)]
pub(super) struct BlockCallNames {
    /// The block's name. A name of its own also becomes the caller of the work inside.
    pub(super) block: BlockName,
    pub(super) primitive_type: &'static str,
    pub(super) span: SpanName,
    /// The type of the edge to the work inside; `None` keeps the type of the edge from the caller.
    pub(super) connection: Option<Connection>,
    /// The least detail in which the call has a span: [`SpanDetail::Full`] if it is a wrapper, which runs one piece of
    /// work that takes its whole time.
    pub(super) detail: SpanDetail,
}

/// The attribute of a wrapper's span, by which a viewer can fold it.
const WRAPPER: &str = "primitive.wrapper";

impl BlockCall {
    /// Starts a call as a child of the current frame.
    pub(super) fn start(names: BlockCallNames, attributes: impl FnOnce() -> Vec<KeyValue>) -> Self {
        let mut frame = with_current(|current| current.child()).unwrap_or_else(|| Frame::root(&GLOBAL));
        let recorder = frame.recorder;
        let block = names.block.as_str();
        let is_own = matches!(names.block, BlockName::Own(_) | BlockName::OwnWithoutEdge(_));
        // Steps and branches carry their block's name, and the service map shows no edge from a block to itself.
        if matches!(names.block, BlockName::Own(_)) && !frame.caller.is_none() && frame.caller.name() != block {
            recorder.add(Id::Connections, &[frame.caller.name(), block, frame.connection.as_str()], 1);
        }
        let start = recorder.clock.now();
        let mut host_span = HostSpan::NONE;
        match recorder.spans.destination() {
            Destination::Exporters(_) if is_left_out(recorder, names.detail) => {
                frame.join_host_span();
                let ids = frame.ids.child();
                begin_left_out(&mut frame, names, ids, start, attributes());
            }
            Destination::Host if is_left_out(recorder, names.detail) => {
                frame.join_host_span();
                // A span of the host cannot begin later, so that the wrapper is left out even with no span inside.
                begin_left_out(&mut frame, names, SpanIds::NONE, start, attributes());
            }
            Destination::Exporters(sampler) => {
                frame.join_host_span();
                let parent = frame.ids;
                let span = names.span.text();
                frame.ids = sampler.begin(parent, || SpanStart {
                    name: span.clone(),
                    kind: SpanKind::Internal,
                    attributes: Vec::new(),
                });
                if host::is_in_use() {
                    host_span = host_span.in_context(host::context_with(frame.ids, frame.trace_state()));
                }
                if frame.ids.is_sampled() {
                    let attributes = with_names(names, &frame, attributes());
                    begin_record(&mut frame, span, parent, start, attributes, None);
                }
            }
            Destination::Host if HostSpan::is_possible() => {
                frame.join_host_span();
                let span = names.span.text();
                host_span = HostSpan::open_part(&span, block, names.primitive_type);
                let attributes = with_names(names, &frame, attributes());
                if let Some((ids, trace_state, recording)) = host_span.record(attributes.clone()) {
                    let parent = std::mem::replace(&mut frame.ids, ids);
                    frame.set_trace_state(trace_state);
                    if recording.is_some() {
                        begin_record(&mut frame, span, parent, start, attributes, recording);
                    }
                }
            }
            Destination::Nowhere | Destination::Host => {}
        }
        if is_own {
            frame.caller = Caller::named(block);
            frame.connection = names.connection.unwrap_or(Connection::Call);
        } else if let Some(connection) = names.connection {
            frame.connection = connection;
        }
        Self { frame, host_span, start, is_ended: false, if_unfinished: None }
    }

    /// Returns whether a call of this block has a span to record or a node in the service map.
    ///
    /// Where it has neither, the layer runs its work directly and saves the cost of a frame.
    pub(super) fn is_needed(block: BlockName) -> bool {
        matches!(block, BlockName::Own(_))
            || with_current(|current| {
                let is_declined = current.ids.is_some() && !current.ids.is_sampled();
                !matches!(current.recorder.spans.destination(), Destination::Nowhere) && !is_declined
            })
            .unwrap_or(false)
    }

    pub(super) fn recorder(&self) -> &'static Recorder {
        self.frame.recorder
    }

    /// Changes the workflow attributes that the work inside sees.
    pub(super) fn update_workflow(&mut self, update: impl FnOnce(&mut WorkflowAttributes)) {
        let mut workflow = self.frame.workflow.as_deref().cloned().unwrap_or_default();
        update(&mut workflow);
        self.frame.workflow = Some(workflow.into());
    }

    /// Counts the call in `id`, by its outcome, if it is cancelled, times out or panics.
    pub(super) fn count_if_unfinished(&mut self, id: Id, block: &'static str) {
        self.if_unfinished = Some((id, block));
    }

    /// Sets an attribute of the span.
    pub(super) fn set(&mut self, attribute: KeyValue) {
        let Some(record) = &mut self.frame.record else { return };
        match record.left_out() {
            Some(left_out) => left_out.know(attribute),
            None => record.set(attribute),
        }
    }

    /// Returns the start of the call on its recorder's clock.
    pub(super) fn start_time(&self) -> Monotonic {
        self.start
    }

    /// Wraps work so that it runs inside this call's frame; its output comes with the call.
    pub(super) fn instrument<F: Future>(self, work: F) -> Instrumented<F> {
        Instrumented { work: Some(work), call: Some(self) }
    }

    /// Ends the call with the outcome of its work's result.
    pub(super) fn end<T, E>(mut self, result: &Result<T, BlockError<E>>) {
        self.if_unfinished = None;
        match result {
            Ok(_) => self.close(Outcome::Success, String::new),
            Err(error) => self.close(error.outcome(), || error.type_name()),
        }
    }

    /// Ends the call as a success.
    pub(super) fn succeed(mut self) {
        self.close(Outcome::Success, String::new);
    }

    fn close(&mut self, outcome: Outcome, error_type: impl FnOnce() -> String) {
        if std::mem::replace(&mut self.is_ended, true) {
            return;
        }
        let recorder = self.frame.recorder;
        if let Some((id, block)) = self.if_unfinished.take() {
            recorder.add(id, &[block, outcome.as_str()], 1);
        }
        if let Some(mut record) = self.frame.record.take() {
            record.end = recorder.clock.now();
            record.outcome = Some(outcome);
            if outcome.is_bad() {
                // The error arose in the work inside, whose own span has its message.
                record.error = Some(Box::new(SpanError { kind: error_type().into(), message: None, is_origin: false }));
                let below = record.take_inner_error();
                with_current(|caller| {
                    if let (Some(caller), Some(below)) = (&mut caller.record, below) {
                        caller.rare().inner_error = Some(below);
                    }
                });
            }
            match record.rare.as_mut().and_then(|rare| rare.left_out.take()) {
                Some(left_out) => end_left_out(recorder, record, left_out),
                None => recorder.end_span(record),
            }
        }
    }
}

/// Returns whether a call is left out: it is a wrapper inside a recorded span, and wrappers are not wanted.
fn is_left_out(recorder: &Recorder, detail: SpanDetail) -> bool {
    let wanted = recorder.span_detail.get().copied().unwrap_or_default();
    detail == SpanDetail::Full
        && wanted == SpanDetail::Low
        && with_current(|around| around.record.is_some()).unwrap_or(false)
}

/// Returns the attributes of a span: the names of the call, and `facts`.
fn with_names(names: BlockCallNames, frame: &Frame, facts: Vec<KeyValue>) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("primitive.name", names.block.as_str()),
        KeyValue::new("primitive.type", names.primitive_type),
    ];
    if !frame.caller.is_none() {
        all.push(KeyValue::new("primitive.parent", frame.caller.name()));
    }
    if names.detail == SpanDetail::Full {
        all.push(KeyValue::new(WRAPPER, true));
    }
    all.extend(facts);
    all
}

/// Begins the record of a wrapper that is left out: spans inside hang under the span around.
///
/// `ids` are those of the span that the wrapper becomes if it ends with no span inside.
fn begin_left_out(frame: &mut Frame, names: BlockCallNames, ids: SpanIds, start: Monotonic, facts: Vec<KeyValue>) {
    let attributes = with_names(names, frame, Vec::new()).into_iter().collect();
    let mut record =
        record_memory::boxed(SpanRecord::new(Origin::Block(names.span.text()), ids, frame.ids, attributes));
    record.start = start;
    record.workflow.clone_from(&frame.workflow);
    let left_out = with_current(|around| match around.record.as_mut().and_then(|record| record.left_out()) {
        Some(wrapper) => LeftOut::new(facts, wrapper.facts()),
        None => LeftOut::new(facts, &[]),
    });
    record.rare().left_out = Some(left_out.unwrap_or_default());
    frame.record = Some(record);
}

/// Ends a wrapper that is left out: as a span if there is none inside, otherwise by handing on what it knows.
fn end_left_out(recorder: &Recorder, mut record: Box<SpanRecord>, left_out: LeftOut) {
    let has_span_inside = left_out.has_span_inside();
    let is_span = !has_span_inside && record.ids.is_some();
    with_current(|around| {
        let Some(around) = &mut around.record else { return };
        if (has_span_inside || is_span)
            && let Some(wrapper) = around.left_out()
        {
            wrapper.set_span_inside();
        }
    });
    if is_span {
        for attribute in left_out.into_untold() {
            record.set(attribute);
        }
        return recorder.end_span(record);
    }
    with_current(|around| {
        let Some(around) = &mut around.record else { return };
        for attribute in left_out.into_untold() {
            around.set(attribute);
        }
        for event in record.events.take().map(|events| events.events).unwrap_or_default() {
            around.add_event(event);
        }
    });
}

/// Begins the record of a span in the frame.
fn begin_record(
    frame: &mut Frame,
    name: Cow<'static, str>,
    parent: SpanIds,
    start: Monotonic,
    attributes: Vec<KeyValue>,
    host: Option<HostRecording>,
) {
    let attributes = attributes.into_iter().collect();
    let mut record = record_memory::boxed(SpanRecord::new(Origin::Block(name), frame.ids, parent, attributes));
    record.start = start;
    record.workflow.clone_from(&frame.workflow);
    record.add_facts(frame::facts_of_wrappers());
    if host.is_some() {
        record.rare().host = host;
    }
    frame.record = Some(record);
}

impl Drop for BlockCall {
    fn drop(&mut self) {
        // A dropped call is cancelled or timed out, and only a timeout has an error type.
        self.close(frame::outcome_if_dropped(), || "timeout".to_owned());
    }
}

/// Ends the call as panicked if the work inside unwinds.
struct PanicGuard<'a>(&'a mut BlockCall);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        self.0.close(Outcome::Panicked, || "panic".to_owned());
    }
}

pin_project! {
    /// Work that is polled and dropped inside a call's frame.
    pub(super) struct Instrumented<F> {
        #[pin]
        work: Option<F>,
        call: Option<BlockCall>,
    }

    impl<F> PinnedDrop for Instrumented<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.call {
                Some(call) => {
                    let _entered = frame::enter_to_drop(&mut call.frame);
                    let _span = call.host_span.enter();
                    this.work.set(None);
                }
                None => this.work.set(None),
            }
        }
    }
}

impl<F> Instrumented<F> {
    /// Drops the work with the outcome timeout, and returns the call.
    pub(super) fn time_out(self: Pin<&mut Self>) -> Option<BlockCall> {
        let mut this = self.project();
        let mut call = this.call.take()?;
        call.frame.outcome_if_dropped = Outcome::Timeout;
        {
            let _entered = frame::enter(&mut call.frame);
            let _span = call.host_span.enter();
            this.work.set(None);
        }
        Some(call)
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = (F::Output, BlockCall);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (Some(work), Some(call)) = (this.work.as_pin_mut(), this.call.as_mut()) else { return Poll::Pending };
        let guard = PanicGuard(call);
        let polled = {
            let call = &mut *guard.0;
            let _entered = frame::enter_scope(&mut call.frame);
            let _span = call.host_span.enter();
            work.poll(cx)
        };
        std::mem::forget(guard);
        let output = std::task::ready!(polled);
        match this.call.take() {
            Some(call) => Poll::Ready((output, call)),
            None => Poll::Pending,
        }
    }
}
