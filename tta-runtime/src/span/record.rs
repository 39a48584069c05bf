//! A span while it is being recorded.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, SpanKind};

use crate::clock::Monotonic;
use crate::id::SpanIds;
use crate::model::CallCost;
use crate::outcome::Outcome;
use crate::site::Constants;
use crate::workflow_attributes::WorkflowAttributes;

/// Events beyond this many per span are counted and left out, as OpenTelemetry's default span limit has it.
const MOST_EVENTS: usize = 128;

/// What is known about a span so far.
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
    pub(crate) error: Option<Error>,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) events: Vec<Event>,
    pub(crate) dropped_events: u32,
    /// Whether the call gives its output in pieces.
    pub(crate) streams: bool,
    /// The text of the latest error of a call under this one.
    pub(crate) error_below: Option<String>,
    /// The cost of a call to a model, where it was not known when the call reported it.
    pub(crate) late_cost: Option<Arc<CallCost>>,
}

/// Whose span it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A call of an annotated function, and the name of the primitive that called it, empty where none did.
    Call { constants: &'static Constants, caller: &'static str },
    /// A part of a building block: a branch, a route, a look-up.
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "blocks alone have parts"))]
    Block,
    /// A span of another library, seen through `tracing`.
    Foreign,
}

/// Why a span ended badly.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) message: Option<String>,
    /// Whether the error arose in this span, and not in a span under it.
    pub(crate) arose_here: bool,
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
            error_below: None,
            late_cost: None,
        }
    }

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
