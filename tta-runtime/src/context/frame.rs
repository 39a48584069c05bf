//! What is current on this thread: the recorder, the calling primitive, the span, the workflow.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::id::SpanIds;
use crate::model::ModelCall;
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder};
use crate::span::SpanRecord;
use crate::workflow_attributes::WorkflowAttributes;

/// The innermost call of a task.
///
/// While a call runs, its frame is the thread's current one, and the frame of whatever called it waits where the
/// call keeps its own otherwise; so a poll costs two swaps, and nothing is shared or counted.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) recorder: &'static Recorder,
    /// The name of the innermost primitive, empty outside of any.
    pub(crate) caller: &'static str,
    /// How that primitive reaches what it calls next.
    pub(crate) connection: Connection,
    /// The span that new spans are children of: the innermost call's, or one of another library inside it.
    pub(crate) ids: SpanIds,
    pub(crate) workflow: Option<Arc<WorkflowAttributes>>,
    /// The innermost call's span, while it is recorded.
    pub(crate) record: Option<Box<SpanRecord>>,
    /// The innermost call's model, if it asks one.
    pub(crate) model: Option<Box<ModelCall>>,
    /// Whether that is the call around, to which work that is no call reports.
    pub(crate) model_is_lent: bool,
    /// What calls end in that are dropped while this frame is current: cancelled, unless their time ran out.
    pub(crate) outcome_if_dropped: Outcome,
}

/// How one primitive reaches another: the label `connection_type` of an edge in the service map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// It calls it.
    Call,
    /// It runs it as one of several steps.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone connect otherwise than by calls"))]
    Sequential,
    /// It runs it beside others.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone connect otherwise than by calls"))]
    Parallel,
    /// It chose it.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone connect otherwise than by calls"))]
    Route,
    /// It calls it again.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone connect otherwise than by calls"))]
    Retry,
    /// It calls it because something else failed.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone connect otherwise than by calls"))]
    Fallback,
}

impl Connection {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sequential => "sequential",
            Self::Parallel => "parallel",
            Self::Route => "route",
            Self::Retry => "retry",
            Self::Fallback => "fallback",
        }
    }
}

impl Frame {
    const OUTERMOST: Self = Self {
        recorder: &GLOBAL,
        caller: "",
        connection: Connection::Call,
        ids: SpanIds::NONE,
        workflow: None,
        record: None,
        model: None,
        model_is_lent: false,
        outcome_if_dropped: Outcome::Cancelled,
    };

    /// Makes a frame for work that belongs to no call of this thread.
    pub(crate) fn root(recorder: &'static Recorder) -> Self {
        Self { recorder, ..Self::OUTERMOST }
    }

    /// Makes the frame of work inside this one, without a span or a model of its own.
    pub(crate) fn child(&self) -> Self {
        Self {
            recorder: self.recorder,
            caller: self.caller,
            connection: self.connection,
            ids: self.ids,
            workflow: self.workflow.clone(),
            record: None,
            model: None,
            model_is_lent: false,
            outcome_if_dropped: Outcome::Cancelled,
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Frame> = const { RefCell::new(Frame::OUTERMOST) };
}

thread_local! {
    static OPENING: Cell<SpanIds> = const { Cell::new(SpanIds::NONE) };
}

/// Runs `open`, which opens the `tracing` span of the call that has these identifiers.
pub(crate) fn while_opening<R>(ids: SpanIds, open: impl FnOnce() -> R) -> R {
    let _ = OPENING.try_with(|opening| opening.set(ids));
    let opened = open();
    let _ = OPENING.try_with(|opening| opening.set(SpanIds::NONE));
    opened
}

/// Returns the identifiers of the call whose `tracing` span is being opened on this thread.
pub(crate) fn opening() -> SpanIds {
    OPENING.try_with(Cell::get).unwrap_or(SpanIds::NONE)
}

/// Gives the current frame to `read`; `None` on a thread that is ending, or from within another such call.
#[inline]
pub(crate) fn with_current<R>(read: impl FnOnce(&mut Frame) -> R) -> Option<R> {
    CURRENT.try_with(|current| current.try_borrow_mut().ok().map(|mut frame| read(&mut frame))).ok().flatten()
}

/// Makes `frame` current until the guard goes, when the two are swapped back.
#[must_use]
pub(crate) fn enter(frame: &mut Frame) -> Entered<'_> {
    swap(frame);
    Entered(frame)
}

/// Makes `frame` current for work that is no call: what it reports of usage still reaches the model call around it.
#[must_use]
pub(crate) fn enter_within(frame: &mut Frame) -> EnteredWithin<'_> {
    if frame.model.is_none() {
        frame.model = with_current(|around| around.model.take()).flatten();
        frame.model_is_lent = frame.model.is_some();
    }
    swap(frame);
    EnteredWithin(frame)
}

/// Returns what calls end in that are dropped now.
pub(crate) fn outcome_if_dropped() -> Outcome {
    with_current(|current| current.outcome_if_dropped).unwrap_or(Outcome::Cancelled)
}

/// Makes `frame` current while the work that it belongs to is dropped: what is inside has the fate of what is around.
#[must_use]
pub(crate) fn enter_to_drop(frame: &mut Frame) -> Entered<'_> {
    frame.outcome_if_dropped = outcome_if_dropped();
    enter(frame)
}

/// Holds what was current before.
pub(crate) struct Entered<'a>(&'a mut Frame);

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.0);
    }
}

/// Holds what was current before, and owes it the model call that it lent.
pub(crate) struct EnteredWithin<'a>(&'a mut Frame);

impl Drop for EnteredWithin<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.0);
        if std::mem::take(&mut self.0.model_is_lent) {
            let model = self.0.model.take();
            with_current(|around| around.model = model);
        }
    }
}

#[inline]
fn swap(frame: &mut Frame) {
    with_current(|current| std::mem::swap(current, frame));
}
