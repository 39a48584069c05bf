//! The span of a call: its start and its end.

use std::borrow::Cow;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::Live;
use super::host_span::HostSpan;
use crate::attribute::Attributes;
use crate::call::classification::CallEnd;
use crate::clock::Monotonic;
use crate::context::frame::{self, with_current};
use crate::context::host;
use crate::id::{ParentId, SpanIds};
use crate::label::top::shown;
use crate::metric::Sampled;
use crate::model::ModelCall;
use crate::outcome::Outcome;
use crate::packed_attributes::PackedAttributes;
use crate::schema::genai::{SERVER_ADDRESS, TOOL_DEFINITIONS};
use crate::site::{Constants, LabelDef, Role};
use crate::span::{self, Destination, Origin, RootSampler, SpanError, SpanRecord, SpanStart, record_memory};

/// Adds the attributes that the author of the function wrote; most functions have none.
pub(super) type OwnAttributes<'a> = Option<&'a mut dyn FnMut(&mut Attributes)>;

/// The attributes of a span that are known at its start, not read yet.
struct StartAttributes<'a, 'o> {
    model: Option<&'a ModelCall>,
    defined: &'static [LabelDef],
    labels: &'a [&'static str],
    own: OwnAttributes<'o>,
}

impl StartAttributes<'_, '_> {
    fn read(self) -> PackedAttributes {
        let mut known = PackedAttributes::NONE;
        self.add_to(&mut known);
        known
    }

    #[inline]
    fn add_to(self, known: &mut PackedAttributes) {
        if self.model.is_some() || !self.defined.is_empty() || self.own.is_some() {
            self.add_some_to(known);
        }
    }

    fn add_some_to(self, known: &mut PackedAttributes) {
        known.extend(self.model.map(span::of_request).unwrap_or_default());
        for (label, value) in self.defined.iter().zip(self.labels) {
            if let Some(value) = shown(value) {
                known.push_text(label.name, &value);
            }
        }
        if let Some(own) = self.own {
            // The expressions are user code: if one panics, the call continues without them.
            Attributes::add_caught(known, own);
        }
    }
}

/// Returns what is known at the start of a span: what all calls of the function share, and `own`, each key once. Content is for those who
/// record it alone.
fn with_site(constants: &Constants, own: &PackedAttributes) -> Vec<KeyValue> {
    let keys = own.keys();
    let own = own.unpack().into_iter().filter(|own| own.key.as_str() != TOOL_DEFINITIONS);
    span::of_site(constants).filter(|shared| !keys.contain(shared.key.as_str())).chain(own).collect()
}

/// Returns the kind of a function's spans.
pub(super) fn kind(constants: &Constants) -> SpanKind {
    match (constants.role, constants.primitive_type, constants.action) {
        // By the conventions for generative AI, memory and what is searched are systems of their own.
        (Role::Model | Role::Retrieval, ..)
        | (Role::Other, "memory", _)
        | (Role::Other, "service" | "mcp", "request") => SpanKind::Client,
        (Role::Other, "service" | "mcp", "serve") => SpanKind::Server,
        _ => SpanKind::Internal,
    }
}

/// Returns the kind of a span with these attributes.
fn kind_with(constants: &Constants, attributes: &PackedAttributes) -> SpanKind {
    let is_remote = || attributes.contains(SERVER_ADDRESS);
    // A tool call that names its server is a client span, as a request to that server.
    if constants.role == Role::Tool && is_remote() { SpanKind::Client } else { kind(constants) }
}

impl Live {
    /// Starts the span of the call, wherever spans go.
    #[inline(never)]
    pub(super) fn open_span(&mut self, labels: &[&'static str], own: OwnAttributes<'_>) {
        match self.frame.recorder.spans.destination() {
            Destination::Nowhere => {}
            Destination::Exporters(sampler) => self.open_exported_span(sampler, labels, own),
            Destination::Host => self.open_host_span(labels, own),
        }
    }

    /// Starts the span of the call, if its trace is sampled.
    fn open_exported_span(&mut self, sampler: &RootSampler, labels: &[&'static str], mut own: OwnAttributes<'_>) {
        self.frame.join_host_span();
        let parent = ParentId::from(self.frame.ids);
        // In their place: what is copied in pieces of other sizes than it was written in has to wait for the writes.
        let known = if RootSampler::is_decided(&self.frame.ids) {
            self.frame.ids.become_child();
            None
        } else {
            let (ids, known) = self.sample(sampler, self.frame.ids, labels, &mut own);
            self.frame.ids = ids;
            known
        };
        let record = self.frame.ids.is_sampled().then(|| {
            let mut record = record_memory::empty();
            match known {
                Some(known) => record.attributes = known,
                None => self.start_attributes(labels, own).add_to(&mut record.attributes),
            }
            record
        });
        if host::is_in_use() {
            self.show_exported_to_host();
        }
        if let Some(record) = record {
            self.begin_record(parent, record);
        }
    }

    /// Makes the span current for OpenTelemetry, and opens the span in the host's `tracing`.
    #[inline(never)]
    fn show_exported_to_host(&mut self) {
        let ids = self.frame.ids;
        let context = host::context_with(ids, self.frame.trace_state());
        let span = HostSpan::open_exported(self.site(), ids, || kind(&self.site().constants), &context);
        self.host_span = span.in_context(context);
    }

    /// Asks the sampler, since the span is the first of its trace here. Returns the span's identifiers, and the attributes if the sampler
    /// read them.
    #[cold]
    fn sample(
        &self,
        sampler: &RootSampler,
        parent: SpanIds,
        labels: &[&'static str],
        own: &mut OwnAttributes<'_>,
    ) -> (SpanIds, Option<PackedAttributes>) {
        let constants = &self.site().constants;
        let mut known = None;
        let ids = sampler.begin(parent, || {
            let start = self.start_attributes(labels, own.take()).read();
            let name = self.span_name(&start).unwrap_or(Cow::Borrowed(constants.span_name));
            let seen = SpanStart { name, kind: kind_with(constants, &start), attributes: with_site(constants, &start) };
            known = Some(start);
            seen
        });
        (ids, known)
    }

    /// Starts the span of the call as a span of the host, if a layer makes spans of OpenTelemetry from `tracing` spans.
    #[inline(never)]
    fn open_host_span(&mut self, labels: &[&'static str], own: OwnAttributes<'_>) {
        if !HostSpan::is_possible() {
            return;
        }
        self.frame.join_host_span();
        let constants = &self.site().constants;
        let start = self.start_attributes(labels, own).read();
        self.host_span = HostSpan::open(self.site(), SpanIds::NONE, || kind_with(constants, &start));
        let known = with_site(constants, &start);
        let Some((ids, trace_state, recording)) = self.host_span.record(known) else { return };
        let parent = std::mem::replace(&mut self.frame.ids, ids);
        self.frame.set_trace_state(trace_state);
        if recording.is_some() {
            let mut record = record_memory::empty();
            record.attributes = start;
            record.rare().host = recording;
            self.begin_record(parent.into(), record);
        }
    }

    fn start_attributes<'a, 'o>(
        &'a self,
        labels: &'a [&'static str],
        own: OwnAttributes<'o>,
    ) -> StartAttributes<'a, 'o> {
        let model = self.frame.model.as_deref();
        StartAttributes { model, defined: self.site().constants.labels, labels, own }
    }

    /// Returns the name of the span, `None` if it is the call site's.
    #[inline]
    fn span_name(&self, attributes: &PackedAttributes) -> Option<Cow<'static, str>> {
        let names = self.frame.recorder.span_names.get()?;
        names.name(&self.site().constants, self.frame.model.as_deref(), attributes)
    }

    /// Begins a record that has the attributes that are known.
    #[inline]
    fn begin_record(&mut self, parent: ParentId, mut record: Box<SpanRecord>) {
        let constants = &self.site().constants;
        record.begin(Origin::Call { constants, caller: self.frame.caller.name() }, self.frame.ids, parent);
        record.kind = kind_with(constants, &record.attributes);
        record.streams = span::streams(constants);
        let name = self.span_name(&record.attributes);
        if name.is_some() {
            record.rare().name = name;
        }
        record.add_facts(frame::facts_of_wrappers());
        if let Some(model) = &mut self.frame.model {
            model.span = Some(self.frame.ids);
            let recorder = self.frame.recorder;
            if let Some(capture) = recorder.content_capture.get() {
                capture.bring_tools(&mut record, recorder.clock.anchor().wall(recorder.clock.now()));
            }
        }
        self.frame.record = Some(record);
    }

    /// Ends the span and queues it for export.
    pub(super) fn end_span(
        &mut self,
        mut record: Box<SpanRecord>,
        at: Monotonic,
        outcome: Outcome,
        error: Option<Cow<'static, str>>,
        end: &mut CallEnd,
    ) {
        let recorder = self.frame.recorder;
        record.end = at;
        record.outcome = Some(outcome);
        record.error = error.map(|kind| {
            let message = end.message.take().map(|message| recorder.redact(&message));
            let inner = record.take_inner_error();
            let is_propagated = inner.filter(|inner| !inner.is_empty()).is_some_and(|inner| {
                // `inner` is a redacted message, or the error's type if it had none.
                let own = message.as_deref().unwrap_or(&kind);
                own.contains(&inner) || end.causes.iter().any(|cause| recorder.redact(cause).contains(&inner))
            });
            Box::new(SpanError { kind, message, is_origin: !is_propagated })
        });
        let span = record.ids;
        if let Some(error) = &record.error {
            let text = error.message.clone().unwrap_or_else(|| error.kind.clone().into_owned());
            with_current(|caller| {
                if let Some(record) = &mut caller.record {
                    record.rare().inner_error = Some(text);
                }
            });
        }
        if self.site().constants.role == Role::Workflow {
            record.workflow.clone_from(&self.frame.workflow);
            record.run = self.frame.workflow.as_ref().and_then(|workflow| workflow.run.clone());
            if let Some(run) = &record.run {
                run.set_sampled(Sampled { span, at });
            }
        } else {
            // The call needs it no more, and sharing it would take two more writes to what other threads use as well.
            record.workflow = self.frame.workflow.take();
        }
        recorder.end_span(record);
    }
}
