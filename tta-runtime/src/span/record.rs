//! A span in progress.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, SpanKind};

use super::host_recording::HostRecording;
use crate::clock::Monotonic;
use crate::id::SpanIds;
use crate::model::{CallCost, WorkflowRun};
use crate::outcome::Outcome;
use crate::site::Constants;
use crate::workflow_attributes::WorkflowAttributes;

/// The most events of a span, as OpenTelemetry's default limit; further ones are dropped and counted.
const MOST_EVENTS: usize = 128;

/// The recorded data of a span.
#[derive(Debug)]
pub(crate) struct SpanRecord {
    pub(crate) ids: SpanIds,
    /// The parent, [`SpanIds::NONE`] for a root.
    pub(crate) parent: SpanIds,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: SpanKind,
    pub(crate) origin: Origin,
    pub(crate) workflow: Option<Arc<WorkflowAttributes>>,
    pub(crate) start: Monotonic,
    pub(crate) end: Monotonic,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) error: Option<SpanError>,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) events: Vec<Event>,
    pub(crate) dropped_events: u32,
    /// True if the call's output is a stream.
    pub(crate) streams: bool,
    /// The message of the latest error of a call inside this one.
    pub(crate) inner_error: Option<String>,
    /// The cost of a model call that ended before it could be priced.
    pub(crate) late_cost: Option<Arc<CallCost>>,
    /// The run of the workflow, if the span is a workflow's.
    pub(crate) run: Option<Arc<WorkflowRun>>,
    /// The span of the host that takes the place of an exported one.
    pub(crate) host: Option<HostRecording>,
}

/// The source of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A call of an annotated function; `caller` is the name of the calling primitive, empty without one.
    Call { constants: &'static Constants, caller: &'static str },
    /// A part of a block: a branch, a route, a look-up.
    #[cfg(feature = "blocks")]
    Block,
    /// A span of another library, received through `tracing`.
    Foreign,
}

/// The error that a span ended with.
#[derive(Clone, Debug)]
pub(crate) struct SpanError {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) message: Option<String>,
    /// False if the error propagated from a child span.
    pub(crate) is_origin: bool,
}

impl SpanRecord {
    pub(crate) fn new(name: Cow<'static, str>, origin: Origin, ids: SpanIds, parent: SpanIds) -> Self {
        Self {
            ids,
            parent,
            name,
            kind: SpanKind::Internal,
            origin,
            workflow: None,
            start: Monotonic::default(),
            end: Monotonic::default(),
            outcome: None,
            error: None,
            attributes: Vec::new(),
            events: Vec::new(),
            dropped_events: 0,
            streams: false,
            inner_error: None,
            late_cost: None,
            run: None,
            host: None,
        }
    }

    /// Adds an event, or counts it as dropped if the span is full.
    pub(crate) fn add_event(&mut self, event: Event) {
        if self.events.len() < MOST_EVENTS {
            self.events.push(event);
        } else {
            self.dropped_events += 1;
        }
    }

    /// Sets an attribute, replacing an earlier value of the same key.
    pub(crate) fn set(&mut self, attribute: KeyValue) {
        match self.attributes.iter_mut().find(|have| have.key == attribute.key) {
            Some(have) => *have = attribute,
            None => self.attributes.push(attribute),
        }
    }
}
