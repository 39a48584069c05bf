//! The description of a span in OpenTelemetry's terms, which the forms of all exporters are made from.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{Event, SpanKind, TraceState};
use opentelemetry::{KeyValue, StringValue, Value};

use super::compatibility::Compatibility;
use super::genai;
use super::record::{Origin, SpanError, SpanRecord};
use crate::clock::ClockAnchor;
use crate::id::{ParentId, SpanIds};
use crate::model::DECODING;
use crate::outcome::Outcome;
use crate::packed_attributes::{Keys, PackedAttributes};
use crate::schema::genai::{CONVERSATION_ID, ERROR_TYPE, REQUEST_STREAM};
use crate::site::Constants;
use crate::span_limits::{self, Count, Losses, LostPart, SpanLimit};
use crate::workflow_attributes::WorkflowAttributes;
use crate::workflow_id::WorkflowId;

/// A span that ended, as exporters see it. It borrows from the record, so that what is not sent as text of its own is not copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Description<'a> {
    record: &'a SpanRecord,
    anchor: ClockAnchor,
    compatibility: Option<Compatibility>,
}

/// Takes the attributes of a span one by one.
pub(crate) trait AttributeTarget {
    /// Takes an attribute that is no copy on the heap: a constant, a number, or a shared text.
    fn attribute(&mut self, attribute: KeyValue);

    /// Takes a constant.
    fn constant(&mut self, key: &'static str, value: &'static str) {
        self.attribute(KeyValue::new(key, value));
    }

    /// Takes a float.
    fn double(&mut self, key: &'static str, value: f64) {
        self.attribute(KeyValue::new(key, value));
    }

    /// Takes a text.
    fn text(&mut self, key: &str, value: &str);

    /// Takes attributes as the record keeps them, with the tag and the length of OTLP's field.
    fn packed(&mut self, fields: &[u8]);

    /// Repeats the attributes that it took for calls or a workflow before, if they are no more than `most`.
    fn repeat(&mut self, _of: Sharing<'_>, _most: usize) -> Option<SharedAttributes> {
        None
    }

    /// Is told that attributes follow which several spans share, until [`end_shared`](Self::end_shared).
    fn begin_shared(&mut self) {}

    fn end_shared(&mut self, _of: Sharing<'_>, _taken: SharedAttributes) {}
}

/// The spans that share attributes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "OTLP alone repeats attributes"))]
pub(crate) enum Sharing<'a> {
    /// Those of a call site in calls by this caller.
    Calls { site: &'static Constants, caller: &'static str },
    /// Those of a workflow.
    Workflow(&'a Arc<WorkflowAttributes>),
}

/// The number of attributes that spans share, and how many texts of them a limit shortened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SharedAttributes {
    pub(crate) attributes: usize,
    pub(crate) shortened: usize,
}

/// The event of an error that arose in the span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exception<'a> {
    pub(crate) kind: &'a Cow<'static, str>,
    pub(crate) message: Option<&'a str>,
    pub(crate) at: SystemTime,
}

impl Exception<'_> {
    /// The name of the event.
    pub(crate) const NAME: &'static str = "exception";
    pub(crate) const TYPE: &'static str = "exception.type";
    pub(crate) const MESSAGE: &'static str = "exception.message";
}

/// Passes attributes on until the limit is used up, each within the limit of its own.
struct Limited<'a, T> {
    target: &'a mut T,
    left: usize,
    dropped: usize,
    shortened: usize,
    count: Count<'a>,
    /// The keys that the span itself has: OpenTelemetry wants each key once, and what the program set is kept. None while only keys follow
    /// that none of them can be.
    own: Keys<'a>,
}

impl<'a> Description<'a> {
    /// Describes a record with what is known now.
    pub(crate) fn new(record: &'a SpanRecord, anchor: ClockAnchor) -> Self {
        Self { record, anchor, compatibility: None }
    }

    /// Adds the attributes that some receivers read.
    pub(crate) fn compatible_with(self, receivers: Option<Compatibility>) -> Self {
        Self { compatibility: receivers, ..self }
    }

    /// Waits until the costs of the span are known, which are those of its model calls.
    ///
    /// For export threads: it may take as long as decoding the prices.
    pub(crate) fn wait_for_costs(self) -> Self {
        if self.record.late_cost().is_some() || self.record.run.is_some() {
            DECODING.wait_for_work();
        }
        self
    }

    pub(crate) fn ids(&self) -> SpanIds {
        self.record.ids
    }

    /// Returns the parent, [`ParentId::NONE`] for a root.
    pub(crate) fn parent(&self) -> ParentId {
        self.record.parent
    }

    /// Returns whether its parent is no span that the exporters get.
    pub(crate) fn is_outermost(&self) -> bool {
        !self.parent().is_some() || self.parent().is_foreign()
    }

    pub(crate) fn trace_state(&self) -> Option<&'a TraceState> {
        self.record.workflow.as_ref().map(|workflow| &workflow.trace_state)
    }

    pub(crate) fn name(&self) -> Cow<'static, str> {
        match &self.record.origin {
            Origin::Call { constants, .. } => {
                let own = self.record.rare.as_ref().and_then(|rare| rare.name.clone());
                own.unwrap_or(Cow::Borrowed(constants.span_name))
            }
            #[cfg(feature = "blocks")]
            Origin::Block(name) => name.clone(),
            Origin::Foreign(name) => name.clone(),
        }
    }

    pub(crate) fn kind(&self) -> &'a SpanKind {
        &self.record.kind
    }

    pub(crate) fn start(&self) -> SystemTime {
        self.anchor.wall(self.record.start)
    }

    pub(crate) fn end(&self) -> SystemTime {
        self.anchor.wall(self.record.end)
    }

    /// Returns the start and the end in nanoseconds since 1970.
    #[cfg(feature = "otlp")]
    pub(crate) fn nanoseconds(&self) -> [u64; 2] {
        [self.record.start, self.record.end].map(|at| self.anchor.wall_nanoseconds(at))
    }

    /// Returns the events without that of the error, and how many the limit left out.
    pub(crate) fn events(&self) -> (&'a [Event], u32) {
        self.record.events.as_deref().map_or((&[], 0), |events| (&events.events, events.dropped))
    }

    /// Returns the event of the error, the last one.
    pub(crate) fn exception(&self) -> Option<Exception<'a>> {
        let SpanError { kind, message, .. } = self.record.error.as_deref().filter(|error| error.is_origin)?;
        Some(Exception { kind, message: message.as_deref(), at: self.end() })
    }

    /// Returns the error's message if the status is `Error`, which it is for what went wrong.
    ///
    /// Others stay `Unset`, by OpenTelemetry's conventions: `Ok` is the word of the program's operators.
    pub(crate) fn status_error(&self) -> Option<&'a str> {
        let error = self.record.error.as_deref();
        let is_unset = match self.record.outcome {
            Some(outcome) => outcome == Outcome::Success,
            None => error.is_none(),
        };
        (!is_unset).then(|| error.and_then(|error| error.message.as_deref()).unwrap_or_default())
    }

    /// Passes the attributes on, within the limits. Returns how many are left out; what `count` takes is left out or shortened now.
    pub(crate) fn attributes<T: AttributeTarget>(&self, target: &mut T, count: Count<'_>) -> u32 {
        let record = self.record;
        let left = SpanLimit::Attributes.value();
        let has_more = record.late_cost().is_some() || self.compatibility.is_some();
        let completed = has_more.then(|| shortening(&mut *count, || self.completed()));
        let (own_attributes, dropped) =
            completed.as_ref().map_or((&record.attributes, 0), |(completed, dropped)| (completed, *dropped));
        // Most programs' own keys are none of those that follow, which then need not be looked for.
        let own = if own_attributes.has_key(is_of_library) { own_attributes.keys() } else { Keys::NONE };
        let mut to = Limited { target, left, dropped, shortened: 0, count, own };
        if let Origin::Call { constants, caller } = record.origin {
            to.shared(Sharing::Calls { site: constants, caller }, || attributes_of_calls(constants, caller));
            call_attributes(&mut to, constants, record);
        }
        if !matches!(record.origin, Origin::Foreign(_)) {
            if let Some(workflow) = &record.workflow {
                workflow_attributes(&mut to, workflow, record.parent, own_attributes);
            }
            let duration = record.end.since(record.start);
            to.double("execution.duration_ms", duration.as_secs_f64() * 1e3);
        }
        if let Some(outcome) = record.outcome {
            to.constant("execution.status", outcome.as_str());
            // The status is an error, which has a type by the conventions.
            if outcome == Outcome::Cancelled && record.error.is_none() {
                to.constant(ERROR_TYPE, outcome.as_str());
            }
        }
        if let Some(error) = &record.error {
            match &error.kind {
                Cow::Borrowed(kind) => to.constant(ERROR_TYPE, kind),
                Cow::Owned(kind) => to.text(ERROR_TYPE, kind),
            }
            if let Some(message) = &error.message {
                to.text("error.message", message);
            }
        }
        to.packed(own_attributes);
        if let Some(run) = &record.run {
            for attribute in genai::of_run(run) {
                to.attribute(attribute);
            }
        }
        let Limited { dropped, count, .. } = to;
        if dropped > 0 {
            count(LostPart::Attribute, dropped);
        }
        u32::try_from(dropped).unwrap_or(u32::MAX).saturating_add(record.attributes.dropped())
    }
}

impl Description<'_> {
    /// Returns the span's own attributes with those that are known only now, and how many of these the limit left out.
    fn completed(&self) -> (PackedAttributes, usize) {
        let mut attributes = self.record.attributes.clone();
        let costs = self.record.late_cost().into_iter().flat_map(|cost| genai::of_cost(cost));
        let without_space =
            |KeyValue { key, value, .. }: &KeyValue| !attributes.set_if_there_is_space(key.as_str(), value.clone());
        let dropped = costs.filter(without_space).count();
        let of_receivers =
            self.compatibility.map_or(0, |receivers| receivers.complete(&self.record.origin, &mut attributes));
        (attributes, dropped + of_receivers)
    }
}

/// Does work that shortens texts and lists, and passes what it lost to `count`.
fn shortening<R>(count: Count<'_>, work: impl FnOnce() -> R) -> R {
    let (result, losses) = Losses::of(work);
    losses.each(count);
    result
}

impl<T: AttributeTarget> Limited<'_, T> {
    /// Takes the space of an attribute, if there is any left.
    fn has_space(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.dropped += 1,
        }
        self.dropped == 0
    }

    fn shortening<R>(&mut self, shorten: impl FnOnce(Count<'_>) -> R) -> R {
        shorten(&mut |part, n| {
            self.shortened += n;
            (self.count)(part, n);
        })
    }

    /// Passes on a constant, unless the span itself has an attribute with its key.
    #[inline]
    fn constant(&mut self, key: &'static str, value: &'static str) {
        if value.len() > SpanLimit::TextLength.value() {
            self.attribute(KeyValue::new(key, value));
        } else if self.takes(key) && self.has_space() {
            self.target.constant(key, value);
        }
    }

    /// Passes on a float, unless the span itself has an attribute with its key.
    #[inline]
    fn double(&mut self, key: &'static str, value: f64) {
        if self.takes(key) && self.has_space() {
            self.target.double(key, value);
        }
    }

    /// Returns whether the span itself has no attribute with this key.
    #[inline]
    fn takes(&self, key: &str) -> bool {
        debug_assert!(!self.own.are_none() || is_of_library(key.as_bytes()), "`{key}` may be one of the program's");
        !self.own.contain(key)
    }

    /// Passes on an attribute, unless the span itself has one with its key.
    fn attribute(&mut self, mut attribute: KeyValue) {
        if self.takes(attribute.key.as_str()) && self.has_space() {
            attribute.value =
                self.shortening(|count| span_limits::shortened_value(attribute.key.as_str(), attribute.value, count));
            self.target.attribute(attribute);
        }
    }

    fn text(&mut self, key: &str, value: &str) {
        if self.takes(key) {
            self.new_text(key, value);
        }
    }

    /// Passes on a text whose key the span itself does not have.
    #[inline]
    fn new_text(&mut self, key: &str, value: &str) {
        if !self.has_space() {
            return;
        }
        // No text has more characters than bytes.
        if value.len() <= SpanLimit::TextLength.value() {
            return self.target.text(key, value);
        }
        let value = self.shortening(|count| span_limits::shortened_attribute_text(key, value, count));
        self.target.text(key, &value);
    }

    /// Passes on attributes that are within the limits of values.
    fn packed(&mut self, attributes: &PackedAttributes) {
        let (fields, over) = attributes.first(self.left);
        self.left = self.left.saturating_sub(attributes.len());
        self.dropped += over;
        self.target.packed(fields);
    }

    /// Passes on attributes that several spans share.
    fn shared<I: Iterator<Item = KeyValue>>(&mut self, of: Sharing<'_>, attributes: impl Fn() -> I) {
        let is_whole = self.own.are_none() || !attributes().any(|shared| self.own.contain(shared.key.as_str()));
        if !is_whole {
            return attributes().for_each(|shared| self.attribute(shared));
        }
        if let Some(SharedAttributes { attributes, shortened }) = self.target.repeat(of, self.left) {
            self.left -= attributes;
            (0..shortened).for_each(|_| (self.count)(LostPart::Text, 1));
            return;
        }
        let (left, shortened) = (self.left, self.shortened);
        self.target.begin_shared();
        attributes().for_each(|shared| self.attribute(shared));
        if self.dropped == 0 {
            let taken = SharedAttributes { attributes: left - self.left, shortened: self.shortened - shortened };
            self.target.end_shared(of, taken);
        }
    }
}

/// Returns whether an attribute that spans have by themselves may have this key: each of those begins in one of these ways.
#[inline]
fn is_of_library(key: &[u8]) -> bool {
    const STARTS: [&[u8; 4]; 11] =
        [b"prim", b"code", b"gen_", b"llm.", b"work", b"sess", b"corr", b"agen", b"caus", b"exec", b"erro"];
    // Each own key of each span is asked: four bytes are compared as one number.
    key.first_chunk().is_some_and(|start| {
        let start = u32::from_ne_bytes(*start);
        STARTS.iter().fold(false, |is_one, known| is_one | (start == u32::from_ne_bytes(**known)))
    })
}

/// Returns the attributes that all spans of a call site share whose calls have the same caller.
fn attributes_of_calls(constants: &'static Constants, caller: &'static str) -> impl Iterator<Item = KeyValue> {
    let of_caller = (!caller.is_empty()).then(|| KeyValue::new("primitive.parent", caller));
    [
        KeyValue::new("primitive.name", constants.name),
        KeyValue::new("primitive.type", constants.primitive_type),
        KeyValue::new("primitive.action", constants.action),
        KeyValue::new("code.function.name", constants.function),
        KeyValue::new("code.file.path", constants.file),
        KeyValue::new("code.line.number", i64::from(constants.line)),
    ]
    .into_iter()
    .chain(genai::of_site(constants))
    .chain(of_caller)
}

fn call_attributes<T: AttributeTarget>(to: &mut Limited<'_, T>, constants: &Constants, record: &SpanRecord) {
    if let Some(conversation) = record.workflow.as_deref().and_then(|workflow| workflow.session_id.as_ref())
        && is_conversational(constants)
    {
        to.attribute(KeyValue::new(CONVERSATION_ID, Arc::clone(conversation)));
    }
    if constants.primitive_type == "llm" {
        to.attribute(KeyValue::new("llm.streaming", record.streams));
    }
    if record.streams && !genai::streams(constants) {
        to.attribute(KeyValue::new(REQUEST_STREAM, true));
    }
}

/// Returns whether calls of the function belong to a conversation, by the conventions.
fn is_conversational(constants: &Constants) -> bool {
    crate::schema::genai::operation(constants.primitive_type, constants.action).is_some()
}

fn workflow_attributes<T: AttributeTarget>(
    to: &mut Limited<'_, T>,
    workflow: &Arc<WorkflowAttributes>,
    parent: ParentId,
    own_attributes: &PackedAttributes,
) {
    to.shared(Sharing::Workflow(workflow), || names_of_workflow(workflow));
    if parent.is_some() {
        let digits = parent.span_digits();
        to.text("causation.id", str::from_utf8(&digits).unwrap_or_default());
    } else if let Some(cause) = &workflow.causation_id {
        to.attribute(KeyValue::new("causation.id", Value::String(Arc::clone(cause).into())));
    }
    if !workflow.tags.is_empty() {
        let own = own_attributes.keys();
        for (key, value) in workflow.tags.iter().filter(|(key, _)| !own.contain(key)) {
            to.new_text(key, value);
        }
    }
}

/// Returns the attributes that all spans of a workflow share.
fn names_of_workflow(workflow: &WorkflowAttributes) -> impl Iterator<Item = KeyValue> {
    let shared = |text: &Arc<str>| StringValue::from(Arc::clone(text));
    let id = |id: &WorkflowId| shared(id.text());
    let names = [
        ("workflow.id", workflow.workflow_id.as_ref().map(id)),
        ("workflow.name", workflow.workflow_name.as_ref().map(StringValue::from)),
        ("session.id", workflow.session_id.as_ref().map(shared)),
        ("correlation.id", workflow.correlation_id.as_ref().map(id)),
        ("agent.id", workflow.agent_id.as_ref().map(shared)),
        ("agent.type", workflow.agent_type.as_ref().map(shared)),
    ];
    names.into_iter().filter_map(|(key, name)| Some(KeyValue::new(key, Value::String(name?))))
}

/// Returns the number of a kind in OTLP.
#[cfg(any(feature = "otlp", feature = "page"))]
pub(crate) fn otlp_kind(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}
