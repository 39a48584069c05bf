//! The frame of work in a [`WorkflowContext`], and what that work sees as current through OpenTelemetry.

use std::time::Instant;

use opentelemetry::{Context, ContextGuard};

use super::deadline::{self, EnteredDeadline};
use super::frame::{self, Connection, Entered, EnteredScope, Frame, with_current};
use super::{TracePosition, WorkflowContext, host};
use crate::recorder::GLOBAL;

/// Work in a context: at the position where the context was taken, or here for a new context.
#[derive(Debug)]
pub(super) struct Scope {
    frame: Frame,
    deadline: Option<Instant>,
    /// The context of OpenTelemetry; `None` leaves the host's own as it is.
    host: Option<Context>,
}

impl Scope {
    /// Creates the scope, as a child of the current frame.
    pub(super) fn of(context: &WorkflowContext) -> Self {
        let mut frame = with_current(|current| current.child()).unwrap_or_else(|| Frame::root(&GLOBAL));
        let around = frame.ids;
        let mut host = None;
        if let Some(TracePosition { recorder, caller, ids, host: there }) = &context.position {
            frame.recorder = recorder;
            frame.caller = *caller;
            frame.connection = Connection::Call;
            frame.ids = *ids;
            let here = host::host_span(&around).map(|(ids, _)| ids);
            match here {
                // The host has continued the trace of the same request by a span of its own.
                Some(here) if ids.is_remote() && here.is_same_trace(*ids) => frame.ids = here,
                // Work without a trace is part of the host's trace.
                Some(_) if !ids.is_some() => {}
                _ => host = Some(there.clone()),
            }
        }
        frame.workflow = Some(context.workflow.clone());
        Self { frame, deadline: context.deadline, host }
    }

    pub(super) fn enter(&mut self) -> (Option<ContextGuard>, EnteredDeadline, EnteredScope<'_>) {
        let (host, deadline) = (host::attach_if_other(self.host.as_ref()), deadline::enter(self.deadline));
        (host, deadline, frame::enter_scope(&mut self.frame))
    }

    /// Enters the scope while its work is dropped.
    pub(super) fn enter_to_drop(&mut self) -> (Option<ContextGuard>, EnteredDeadline, Entered<'_>) {
        let (host, deadline) = (host::attach_if_other(self.host.as_ref()), deadline::enter(self.deadline));
        (host, deadline, frame::enter_to_drop(&mut self.frame))
    }
}
