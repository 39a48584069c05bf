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
use crate::span_limits::{self, LostPart, SpanLimit};
use crate::workflow_attributes::WorkflowAttributes;

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
    /// Attributes and events that the limits left out.
    pub(crate) dropped_attributes: u32,
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
            dropped_attributes: 0,
            dropped_events: 0,
            streams: false,
            inner_error: None,
            late_cost: None,
            run: None,
            host: None,
        }
    }

    /// Adds an event within the limits, or counts it as dropped if the span is full.
    pub(crate) fn add_event(&mut self, mut event: Event) {
        if self.events.len() >= SpanLimit::Events.value() {
            self.dropped_events = self.dropped_events.saturating_add(1);
            return LostPart::Event.add(1);
        }
        if let Cow::Owned(name) = &event.name
            && name.len() > SpanLimit::TextLength.value()
        {
            event.name = Cow::Owned(span_limits::text(name).to_owned());
        }
        let dropped = span_limits::attributes(
            &mut event.attributes,
            SpanLimit::EventAttributes,
            LostPart::EventAttribute,
            &mut LostPart::add,
        );
        event.dropped_attributes_count = event.dropped_attributes_count.saturating_add(count(dropped));
        self.events.push(event);
    }

    /// Sets an attribute within the limits, replacing an earlier value of the same key; counts it as dropped if the span is full.
    pub(crate) fn set(&mut self, mut attribute: KeyValue) {
        attribute.value = span_limits::value(attribute.value);
        let is_full = self.attributes.len() >= SpanLimit::Attributes.value();
        match self.attributes.iter_mut().find(|have| have.key == attribute.key) {
            Some(have) => *have = attribute,
            None if !is_full => self.attributes.push(attribute),
            None => {
                self.dropped_attributes = self.dropped_attributes.saturating_add(1);
                LostPart::Attribute.add(1);
            }
        }
    }

    /// Applies the limits to the attributes that the span began with.
    pub(crate) fn limit(&mut self) {
        let dropped = span_limits::attributes(
            &mut self.attributes,
            SpanLimit::Attributes,
            LostPart::Attribute,
            &mut LostPart::add,
        );
        self.dropped_attributes = self.dropped_attributes.saturating_add(count(dropped));
    }
}

fn count(parts: usize) -> u32 {
    u32::try_from(parts).unwrap_or(u32::MAX)
}
