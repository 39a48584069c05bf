//! The frame that is current on a thread: recorder, calling primitive, span and workflow.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::TraceState;

use crate::context::caller::Caller;
use crate::context::host;
use crate::id::SpanIds;
use crate::model::ModelCall;
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder};
use crate::span::SpanRecord;
use crate::workflow_attributes::WorkflowAttributes;

/// The state that the innermost call of a task passes to the code inside it.
///
/// While a call runs, its frame is the thread's current one, and the call stores the frame of its caller instead. A poll
/// therefore costs two swaps, without sharing or reference counts.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) recorder: &'static Recorder,
    /// The innermost primitive.
    pub(crate) caller: Caller,
    /// How that primitive connects to the primitives that it calls.
    pub(crate) connection: Connection,
    /// The parent of new spans: the innermost call's span, or another library's span inside it.
    pub(crate) ids: SpanIds,
    pub(crate) workflow: Option<Arc<WorkflowAttributes>>,
    /// The innermost call's span, while it is recorded.
    pub(crate) record: Option<Box<SpanRecord>>,
    /// The innermost call's model call, if it is one.
    pub(crate) model: Option<Box<ModelCall>>,
    /// True while `model` is borrowed from the enclosing call.
    pub(crate) model_is_borrowed: bool,
    /// The outcome of calls dropped under this frame: cancelled, or timeout after a limit fired.
    pub(crate) outcome_if_dropped: Outcome,
}

/// How one primitive connects to another: the label `connection_type` of an edge in the service map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// A plain call.
    Call,
    /// A step of a sequence.
    #[cfg(feature = "blocks")]
    Sequential,
    /// A branch that runs in parallel with others.
    #[cfg(feature = "blocks")]
    Parallel,
    /// The route that a router chose.
    #[cfg(feature = "blocks")]
    Route,
    /// An attempt after the first.
    #[cfg(feature = "blocks")]
    Retry,
    /// A fallback after a failure.
    #[cfg(feature = "blocks")]
    Fallback,
}

impl Connection {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            #[cfg(feature = "blocks")]
            Self::Sequential => "sequential",
            #[cfg(feature = "blocks")]
            Self::Parallel => "parallel",
            #[cfg(feature = "blocks")]
            Self::Route => "route",
            #[cfg(feature = "blocks")]
            Self::Retry => "retry",
            #[cfg(feature = "blocks")]
            Self::Fallback => "fallback",
        }
    }
}

impl Frame {
    /// The frame outside of any call.
    pub(crate) const OUTERMOST: Self = Self {
        recorder: &GLOBAL,
        caller: Caller::NONE,
        connection: Connection::Call,
        ids: SpanIds::NONE,
        workflow: None,
        record: None,
        model: None,
        model_is_borrowed: false,
        outcome_if_dropped: Outcome::Cancelled,
    };

    /// Creates a frame outside of any call.
    pub(crate) fn root(recorder: &'static Recorder) -> Self {
        Self { recorder, ..Self::OUTERMOST }
    }

    /// Returns whether the frame owns nothing.
    #[inline]
    pub(crate) fn is_bare(&self) -> bool {
        self.workflow.is_none() && self.record.is_none() && self.model.is_none()
    }

    /// Moves to the span that the host made current inside this frame's own, if there is one.
    pub(crate) fn join_host_span(&mut self) {
        if let Some((ids, trace_state)) = host::host_span(&self.ids) {
            self.ids = ids;
            self.set_trace_state(trace_state);
        }
    }

    /// Sets the trace state of the spans inside.
    pub(crate) fn set_trace_state(&mut self, trace_state: TraceState) {
        if self.trace_state() != trace_state {
            let mut workflow = self.workflow.as_deref().cloned().unwrap_or_default();
            workflow.trace_state = trace_state;
            self.workflow = Some(Arc::new(workflow));
        }
    }

    /// Returns the trace state of the spans inside.
    pub(crate) fn trace_state(&self) -> TraceState {
        self.workflow.as_ref().map(|workflow| workflow.trace_state.clone()).unwrap_or_default()
    }

    /// Makes a frame that owns nothing that of work inside another one. A frame is large: it is made where it stays.
    #[inline]
    pub(crate) fn begin_inside(&mut self, outer: &Self) {
        (self.caller, self.connection, self.ids) = (outer.caller, outer.connection, outer.ids);
        if let Some(workflow) = &outer.workflow {
            self.workflow = Some(Arc::clone(workflow));
        }
    }

    /// Creates a frame for work inside this one, without a span record or a model call.
    #[inline]
    pub(crate) fn child(&self) -> Self {
        Self {
            recorder: self.recorder,
            caller: self.caller,
            connection: self.connection,
            ids: self.ids,
            workflow: self.workflow.clone(),
            record: None,
            model: None,
            model_is_borrowed: false,
            outcome_if_dropped: Outcome::Cancelled,
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Frame> = const { RefCell::new(Frame::OUTERMOST) };
}

thread_local! {
    /// The call whose `tracing` span is opening.
    static OPENING_CALL: Cell<SpanIds> = const { Cell::new(SpanIds::NONE) };
}

/// Runs `open`, which opens the `tracing` span of the call with these identifiers.
pub(crate) fn with_opening_call<R>(ids: SpanIds, open: impl FnOnce() -> R) -> R {
    let _ = OPENING_CALL.try_with(|opening_call| opening_call.set(ids));
    let opened = open();
    let _ = OPENING_CALL.try_with(|opening_call| opening_call.set(SpanIds::NONE));
    opened
}

/// Returns the identifiers of the call whose `tracing` span is opening on this thread.
pub(crate) fn opening_call() -> SpanIds {
    OPENING_CALL.try_with(Cell::get).unwrap_or(SpanIds::NONE)
}

/// Passes the current frame to `read`. Returns `None` on a thread that is ending, and inside another `with_current`.
#[inline]
pub(crate) fn with_current<R>(read: impl FnOnce(&mut Frame) -> R) -> Option<R> {
    CURRENT.try_with(|current| current.try_borrow_mut().ok().map(|mut frame| read(&mut frame))).ok().flatten()
}

/// Returns what wrappers without a span know of a span that begins inside the current frame; `None` without such a wrapper.
#[inline]
pub(crate) fn facts_of_wrappers() -> Option<Vec<KeyValue>> {
    let is_in_wrapper = |frame: &mut Frame| frame.record.as_ref().is_some_and(|record| record.is_left_out());
    if with_current(is_in_wrapper) == Some(true) { facts_of_wrappers_around() } else { None }
}

#[cold]
fn facts_of_wrappers_around() -> Option<Vec<KeyValue>> {
    let facts = with_current(|frame| {
        let record = frame.record.as_mut()?;
        let parent = record.parent;
        let wrapper = record.left_out()?;
        wrapper.set_span_inside();
        // A span of another library may be current inside: it has the facts, and its children need not repeat them.
        parent.is(frame.ids).then(|| wrapper.facts().to_vec())
    });
    facts.flatten()
}

/// Makes `frame` current until the guard drops, which swaps the two back.
#[inline]
#[must_use]
pub(crate) fn enter(frame: &mut Frame) -> Entered<'_> {
    swap(frame);
    Entered(frame)
}

/// Makes `frame` current for work that is not a call, such as a scope or a block.
///
/// The frame borrows the enclosing model call, so that usage reported inside reaches it.
#[must_use]
pub(crate) fn enter_scope(frame: &mut Frame) -> EnteredScope<'_> {
    if frame.model.is_none() {
        frame.model = with_current(|around| around.model.take()).flatten();
        frame.model_is_borrowed = frame.model.is_some();
    }
    swap(frame);
    EnteredScope(frame)
}

/// Returns the outcome of calls that are dropped now.
pub(crate) fn outcome_if_dropped() -> Outcome {
    with_current(|current| current.outcome_if_dropped).unwrap_or(Outcome::Cancelled)
}

/// Makes `frame` current while its work is dropped: calls inside inherit the outcome of the enclosing drop.
#[must_use]
pub(crate) fn enter_to_drop(frame: &mut Frame) -> Entered<'_> {
    frame.outcome_if_dropped = outcome_if_dropped();
    enter(frame)
}

/// Restores the previous frame on drop.
pub(crate) struct Entered<'a>(&'a mut Frame);

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.0);
    }
}

/// Restores the previous frame on drop, and returns the model call borrowed from it.
pub(crate) struct EnteredScope<'a>(&'a mut Frame);

impl Drop for EnteredScope<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.0);
        if std::mem::take(&mut self.0.model_is_borrowed) {
            let model = self.0.model.take();
            with_current(|around| around.model = model);
        }
    }
}

#[inline]
fn swap(frame: &mut Frame) {
    with_current(|current| std::mem::swap(current, frame));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::Context;
    use opentelemetry::trace::{TraceContextExt, TraceState};

    use super::{
        Connection, Frame, enter, enter_scope, enter_to_drop, opening_call, outcome_if_dropped, with_current,
        with_opening_call,
    };
    use crate::clock::Clock;
    use crate::id::SpanIds;
    use crate::outcome::Outcome;
    use crate::recorder::{GLOBAL, Recorder};

    fn current() -> SpanIds {
        with_current(|frame| frame.ids).expect("the thread goes on")
    }

    fn frame(ids: SpanIds) -> Frame {
        Frame { ids, ..Frame::OUTERMOST }
    }

    fn state(vendor: &str) -> TraceState {
        TraceState::from_key_value([("vendor", vendor)]).expect("it is valid")
    }

    #[test]
    fn a_frame_is_current_until_its_guard_drops() {
        let [outer, inner] = [(); 2].map(|()| SpanIds::root(|_| true));
        let (mut of_outer, mut of_inner) = (frame(outer), frame(inner));
        {
            let _outer = enter(&mut of_outer);
            {
                let _inner = enter(&mut of_inner);
                assert_eq!(current(), inner);
            }
            assert_eq!(current(), outer);
        }
        assert_eq!((current(), of_outer.ids, of_inner.ids), (SpanIds::NONE, outer, inner));
    }

    #[test]
    fn what_is_dropped_inside_of_a_drop_ends_as_the_drop_around_it() {
        let (mut around, mut inside) = (Frame::OUTERMOST, Frame::OUTERMOST);
        around.outcome_if_dropped = Outcome::Timeout;
        let _around = enter(&mut around);
        assert_eq!(outcome_if_dropped(), Outcome::Timeout);
        {
            let _inside = enter(&mut inside);
            assert_eq!(outcome_if_dropped(), Outcome::Cancelled, "work that runs is not being dropped");
        }
        let _inside = enter_to_drop(&mut inside);
        assert_eq!(outcome_if_dropped(), Outcome::Timeout);
    }

    #[test]
    fn a_scope_returns_to_the_frame_before() {
        let ids = SpanIds::root(|_| true);
        let mut scope = frame(ids);
        {
            let _scope = enter_scope(&mut scope);
            assert_eq!(current(), ids);
        }
        assert_eq!((current(), scope.ids), (SpanIds::NONE, ids));
    }

    #[test]
    fn a_frame_outside_of_calls_records_where_it_is_told() {
        let isolated = Recorder::isolated(Clock::System);
        assert!(std::ptr::eq(Frame::root(isolated).recorder, isolated));
        assert!(std::ptr::eq(Frame::root(isolated).child().recorder, isolated));
        assert!(std::ptr::eq(Frame::OUTERMOST.recorder, &raw const GLOBAL));
    }

    #[test]
    fn the_trace_state_of_a_frame_is_shared_until_it_changes() {
        let mut frame = Frame::OUTERMOST;
        frame.set_trace_state(TraceState::NONE);
        assert!(frame.workflow.is_none(), "nothing changes");
        frame.set_trace_state(state("a"));
        assert_eq!(frame.trace_state(), state("a"));
        let before = frame.workflow.clone().expect("it has the state");
        frame.set_trace_state(state("a"));
        assert!(Arc::ptr_eq(&before, frame.workflow.as_ref().expect("it has the state")));
        frame.set_trace_state(state("b"));
        assert_eq!((frame.trace_state(), &before.trace_state), (state("b"), &state("a")));
    }

    #[test]
    fn the_span_of_the_host_inside_of_a_frame_is_joined() {
        let [own, of_host] = [(); 2].map(|()| SpanIds::root(|_| true));
        let mut frame = frame(own);
        frame.join_host_span();
        assert_eq!(frame.ids, own, "the host has none");
        let _own = Context::new().with_remote_span_context(own.to_otel(state("a"))).attach();
        frame.join_host_span();
        assert_eq!((frame.ids, frame.trace_state()), (own, TraceState::NONE), "it is the frame's own");
        let _host = Context::new().with_remote_span_context(of_host.to_otel(state("a"))).attach();
        frame.join_host_span();
        assert!(frame.ids.is_same_span(of_host));
        assert_eq!(frame.trace_state(), state("a"));
    }

    #[test]
    fn a_call_is_known_while_its_span_opens() {
        let ids = SpanIds::root(|_| true);
        assert_eq!(with_opening_call(ids, opening_call), ids);
        assert_eq!(opening_call(), SpanIds::NONE);
    }

    #[test]
    fn a_plain_call_is_an_edge_of_the_kind_call() {
        assert_eq!(Connection::Call.as_str(), "call");
    }

    #[cfg(feature = "blocks")]
    #[test]
    fn connections_have_the_names_of_the_service_map() {
        use Connection::{Fallback, Parallel, Retry, Route, Sequential};
        let names = [Sequential, Parallel, Route, Retry, Fallback].map(Connection::as_str);
        assert_eq!(names, ["sequential", "parallel", "route", "retry", "fallback"]);
    }
}
