//! A span in progress.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, SpanKind};

use super::host_recording::HostRecording;
use super::left_out::LeftOut;
use crate::clock::Monotonic;
use crate::id::{ParentId, SpanIds};
#[cfg(feature = "page")]
use crate::model::Usage;
use crate::model::{CallCost, WorkflowRun};
use crate::outcome::Outcome;
use crate::packed_attributes::PackedAttributes;
use crate::site::Constants;
use crate::span_limits::{self, LostPart, SpanLimit};
use crate::workflow_attributes::WorkflowAttributes;

/// The recorded data of a span.
///
/// Thousands wait for export: what few spans have is boxed.
#[derive(Debug)]
pub(crate) struct SpanRecord {
    pub(crate) ids: SpanIds,
    /// The parent, [`ParentId::NONE`] for a root.
    pub(crate) parent: ParentId,
    pub(crate) kind: SpanKind,
    pub(crate) outcome: Option<Outcome>,
    /// True if the call's output is a stream.
    pub(crate) streams: bool,
    pub(crate) origin: Origin,
    pub(crate) workflow: Option<Arc<WorkflowAttributes>>,
    pub(crate) start: Monotonic,
    pub(crate) end: Monotonic,
    pub(crate) error: Option<Box<SpanError>>,
    /// The span's own attributes, within the limits.
    pub(crate) attributes: PackedAttributes,
    pub(crate) events: Option<Box<Events>>,
    /// The run of the workflow, if the span is a workflow's.
    pub(crate) run: Option<Arc<WorkflowRun>>,
    pub(crate) rare: Option<Box<Rare>>,
}

/// The most usages of a call that its span keeps: a call that reports more, as one that stands for a batch, is not compared.
#[cfg(feature = "page")]
const MOST_USAGES: usize = 16;

/// Data that few spans have, or only until they end.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    /// The name of a call's span, if it is not that of the call site.
    pub(crate) name: Option<Cow<'static, str>>,
    /// The message of the latest error of a call inside this one.
    pub(crate) inner_error: Option<String>,
    /// The cost of a model call that ended before it could be priced.
    pub(crate) late_cost: Option<Arc<CallCost>>,
    /// The usages of a model call, while the page compares prices: at most [`MOST_USAGES`].
    #[cfg(feature = "page")]
    pub(crate) usages: Vec<Usage>,
    /// The span of the host that takes the place of an exported one.
    pub(crate) host: Option<HostRecording>,
    /// What a wrapper without a span tells those inside and around it; `None` for a record that is a span.
    pub(crate) left_out: Option<LeftOut>,
}

/// The events of a span.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) events: Vec<Event>,
    /// Events that the limit left out.
    pub(crate) dropped: u32,
}

/// The source of a span.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A call of an annotated function, which names the span; `caller` is the name of the calling primitive, empty without one.
    Call { constants: &'static Constants, caller: &'static str },
    /// A part of a block, with its name: a branch, a route, a look-up.
    #[cfg(feature = "blocks")]
    Block(Cow<'static, str>),
    /// A span of another library, received through `tracing`, with its name.
    Foreign(Cow<'static, str>),
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
    /// No span, which has no memory of its own.
    pub(super) const NONE: Self = Self {
        ids: SpanIds::NONE,
        parent: ParentId::NONE,
        kind: SpanKind::Internal,
        outcome: None,
        streams: false,
        origin: Origin::Foreign(Cow::Borrowed("")),
        workflow: None,
        start: Monotonic(0),
        end: Monotonic(0),
        error: None,
        attributes: PackedAttributes::NONE,
        events: None,
        run: None,
        rare: None,
    };

    pub(crate) fn new(origin: Origin, ids: SpanIds, parent: SpanIds, attributes: PackedAttributes) -> Self {
        Self { origin, ids, parent: parent.into(), attributes, ..Self::NONE }
    }

    /// Makes an empty record that of a span; it may have attributes already.
    #[inline]
    pub(crate) fn begin(&mut self, origin: Origin, ids: SpanIds, parent: ParentId) {
        (self.origin, self.ids, self.parent) = (origin, ids, parent);
    }

    /// Takes everything out of the record.
    #[inline]
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::NONE)
    }

    /// Copies what the description of an ended span is made of, for whoever keeps it longer than the exporters do.
    #[cfg(feature = "page")]
    pub(crate) fn kept(&self, workflow: Option<Arc<WorkflowAttributes>>) -> Self {
        let events = self.events.as_deref();
        let rare = self.rare.as_deref().filter(|rare| rare.name.is_some() || rare.late_cost.is_some());
        Self {
            ids: self.ids,
            parent: self.parent,
            kind: self.kind.clone(),
            outcome: self.outcome,
            streams: self.streams,
            origin: self.origin.clone(),
            workflow,
            start: self.start,
            end: self.end,
            error: self.error.clone(),
            attributes: self.attributes.clone(),
            events: events.map(|events| Box::new(Events { events: events.events.clone(), dropped: events.dropped })),
            run: self.run.clone(),
            rare: rare.map(|rare| {
                Box::new(Rare { name: rare.name.clone(), late_cost: rare.late_cost.clone(), ..Rare::default() })
            }),
        }
    }

    /// Keeps the usages of a model call for comparisons of prices, unless they are those of a batch.
    #[cfg(feature = "page")]
    pub(crate) fn keep_usages(&mut self, usages: &[Usage]) {
        if usages.len() <= MOST_USAGES {
            self.rare().usages = usages.to_vec();
        }
    }

    /// Returns the data that few spans have, to change it.
    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Returns whether this is the record of a wrapper without a span.
    #[inline]
    pub(crate) fn is_left_out(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.left_out.is_some())
    }

    /// Returns what a wrapper without a span tells; `None` for a record that is a span.
    pub(crate) fn left_out(&mut self) -> Option<&mut LeftOut> {
        self.rare.as_mut()?.left_out.as_mut()
    }

    /// Takes the message of the latest error of a call inside this one.
    pub(crate) fn take_inner_error(&mut self) -> Option<String> {
        self.rare.as_mut()?.inner_error.take()
    }

    /// Returns the cost of a model call that ended before it could be priced.
    pub(crate) fn late_cost(&self) -> Option<&Arc<CallCost>> {
        self.rare.as_ref()?.late_cost.as_ref()
    }

    /// Adds an event within the limits, or counts it as dropped if the span is full.
    pub(crate) fn add_event(&mut self, mut event: Event) {
        let Events { events, dropped } = &mut **self.events.get_or_insert_default();
        if events.len() >= SpanLimit::Events.value() {
            *dropped = dropped.saturating_add(1);
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
        event.dropped_attributes_count =
            event.dropped_attributes_count.saturating_add(u32::try_from(dropped).unwrap_or(u32::MAX));
        events.push(event);
    }

    /// Sets an attribute within the limits, replacing an earlier value of the same key; counts it as dropped if the span is full.
    ///
    /// What is set on a wrapper without a span is told to the span around.
    pub(crate) fn set(&mut self, attribute: KeyValue) {
        if let Some(left_out) = self.left_out() {
            return left_out.tell_around(attribute);
        }
        self.attributes.set(attribute.key.as_str(), attribute.value);
    }
}

impl Default for SpanRecord {
    fn default() -> Self {
        Self::NONE
    }
}
