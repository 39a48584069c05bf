//! The bridge from `tracing`: spans of other libraries join the trace, and events are recorded on their span.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use opentelemetry::trace::{Event, SpanKind};
use opentelemetry::{ContextGuard, KeyValue};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::foreign_model_call::{CallAround, ForeignModelCall, USAGE, sums_up};
use crate::context::frame::{facts_of_wrappers, opening_call, with_current};
use crate::context::host;
use crate::id::SpanIds;
use crate::model::ModelCall;
use crate::recorder::Recorder;
use crate::site::TARGET;
use crate::span::{Origin, SpanRecord, SpanStart, record_memory};
use crate::span_limits;

/// A layer for the host's `tracing` subscriber, which joins spans of other libraries to the trace.
///
/// The layer records spans that other libraries open through `tracing` in the same trace as annotated calls, as their
/// parents and children. It records `tracing` events on the span in which they happen. Without the layer, annotated calls
/// still open `tracing` spans (target `tta`) for other layers.
///
/// A span with the fields of OpenTelemetry's conventions for a call of a model (`gen_ai.operation.name`, `gen_ai.usage.*`), such as
/// those of the crate `rig`, is a model call without any annotation: its tokens and cost are counted, and budgets see them. Inside an
/// annotated call of the same kind to the same model, it is a part of that call instead. Its usage is then that of the call if nothing
/// else reports one, and it is counted once. Around an annotated model call of the same kind, the annotated call alone is counted.
///
/// Names, fields and messages are recorded unchanged, except that each text is truncated to 8 KiB, and content, such as
/// `gen_ai.input.messages`, to 64 KiB as by [`llm::content`](crate::llm::content).
/// [`Builder::redact`](crate::Builder::redact) does not apply to them.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
/// tracing::subscriber::with_default(subscriber, || tracing::info!("goes to the current call's span"));
/// ```
#[derive(Debug)]
pub struct TracingLayer {
    most_verbose: Level,
    events_only: bool,
}

/// Creates a [`TracingLayer`] that records spans and events of level `INFO` and above.
#[must_use]
pub fn tracing_layer() -> TracingLayer {
    TracingLayer { most_verbose: Level::INFO, events_only: false }
}

impl TracingLayer {
    /// Sets the most verbose level to record; `INFO` by default.
    #[must_use]
    pub fn down_to(self, most_verbose: Level) -> Self {
        Self { most_verbose, ..self }
    }

    /// Records events and leaves spans to the host's own `tracing-opentelemetry` layer, which would export them a second
    /// time.
    ///
    /// An event inside an annotated call is then recorded on the span of that call, as without such a layer.
    #[must_use]
    pub fn events_only(self) -> Self {
        Self { events_only: true, ..self }
    }

    /// Returns whether a span of the host is current, on which the host's own layer records events.
    fn is_on_host_span(&self) -> bool {
        self.events_only && with_current(|frame| frame.ids).is_some_and(|own| host::host_span(&own).is_some())
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        // The library must not record its own log.
        *metadata.level() <= self.most_verbose && !metadata.target().starts_with("tta::")
    }
}

/// The state of the bridge for one `tracing` span.
struct BridgedSpan {
    ids: SpanIds,
    /// The record of a sampled span of another library; `None` for calls, which own their records.
    record: Option<Box<SpanRecord>>,
    recorder: &'static Recorder,
    /// The span has the usage of calls that have it themselves.
    repeats_usage: bool,
}

impl BridgedSpan {
    fn is_recorded(&self) -> bool {
        self.record.is_some()
    }
}

/// A span that is entered.
struct EnteredSpan {
    id: Id,
    /// The span that was current before.
    outer: SpanIds,
    /// Keeps the span current for OpenTelemetry.
    _context: Option<ContextGuard>,
}

thread_local! {
    /// The spans entered on this thread.
    static ENTERED: RefCell<Vec<EnteredSpan>> = const { RefCell::new(Vec::new()) };
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TracingLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some((recorder, own, workflow)) = with_current(|frame| (frame.recorder, frame.ids, frame.workflow.clone()))
        else {
            return;
        };
        let metadata = attributes.metadata();
        if metadata.target() == TARGET {
            let ids = opening_call();
            span.extensions_mut().insert(BridgedSpan { ids, record: None, recorder, repeats_usage: false });
            leave_to_annotated(&span, attributes);
            return;
        }
        let call = ForeignModelCall::open(attributes, recorder, workflow, || model_call_around(&span));
        let is_model_call = call.is_some();
        let repeats_usage = call.as_ref().map_or_else(|| sums_up(attributes), ForeignModelCall::is_inside);
        if let Some(call) = call {
            span.extensions_mut().insert(call);
        }
        let Some(sampler) = recorder.spans.sampler().filter(|_| self.wants(metadata)) else { return };
        if self.events_only {
            return;
        }
        let current = host::host_span(&own).map_or(own, |(ids, _)| ids);
        let parent = if attributes.is_root() {
            SpanIds::NONE
        } else if let Some(parent) = attributes.parent().and_then(|id| context.span(id)) {
            parent.extensions().get::<BridgedSpan>().map_or(current, |bridged| bridged.ids)
        } else {
            current
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if is_model_call {
            fields.kind = SpanKind::Client;
        }
        if repeats_usage {
            fields.drop_usage();
        }
        let name = fields.name.take().map_or(Cow::Borrowed(metadata.name()), Cow::Owned);
        let ids = sampler.begin(parent, || SpanStart {
            name: name.clone(),
            kind: fields.kind.clone(),
            attributes: fields.attributes.clone(),
        });
        let record = ids.is_sampled().then(|| {
            let attributes = fields.attributes.into_iter().collect();
            let mut record = record_memory::boxed(SpanRecord::new(Origin::Foreign(name), ids, parent, attributes));
            record.kind = fields.kind;
            record.add_facts(facts_of_wrappers());
            record.start = recorder.clock.now();
            record
        });
        span.extensions_mut().insert(BridgedSpan { ids, record, recorder, repeats_usage });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(call) = span.extensions_mut().get_mut::<ForeignModelCall>() {
            call.record(values);
        }
        let is_recorded =
            |span: &SpanRef<'_, S>| span.extensions().get::<BridgedSpan>().is_some_and(BridgedSpan::is_recorded);
        if !is_recorded(&span) {
            return;
        }
        // Format before locking: the values' `Debug` is foreign code, which may log.
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(BridgedSpan { record: Some(record), repeats_usage, .. }) =
            span.extensions_mut().get_mut::<BridgedSpan>()
        {
            if *repeats_usage {
                fields.drop_usage();
            }
            for attribute in fields.attributes {
                record.set(attribute);
            }
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        if !self.wants(event.metadata()) {
            return;
        }
        if *event.metadata().level() == Level::ERROR
            && let Some(span) = context.event_span(event)
            && let Some(call) = span.extensions_mut().get_mut::<ForeignModelCall>()
        {
            call.fail();
        }
        let foreign = context
            .event_span(event)
            .filter(|span| span.extensions().get::<BridgedSpan>().is_some_and(BridgedSpan::is_recorded));
        let Some((recorder, is_recorded)) = with_current(|frame| (frame.recorder, frame.record.is_some())) else {
            return;
        };
        // On spans of the host, its own layer records the event.
        let is_recorded = is_recorded && recorder.spans.sampler().is_some() && !self.is_on_host_span();
        if foreign.is_none() && !is_recorded {
            return;
        }
        // Format before locking, as in `on_record`.
        let span_event = span_event(event, recorder);
        match foreign {
            Some(span) => {
                if let Some(BridgedSpan { record: Some(record), .. }) = span.extensions_mut().get_mut::<BridgedSpan>() {
                    record.add_event(span_event);
                }
            }
            None => {
                with_current(|frame| {
                    if let Some(record) = &mut frame.record {
                        record.add_event(span_event);
                    }
                });
            }
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let Some(ids) = ids(id, &context) else { return };
        if let Some(outer) = with_current(|frame| std::mem::replace(&mut frame.ids, ids)) {
            let context = if is_call(id, &context) {
                // The call itself makes its span current.
                None
            } else {
                let trace_state = with_current(|frame| frame.trace_state()).unwrap_or_default();
                host::attach(Some(&host::context_with(ids, trace_state)))
            };
            let span = EnteredSpan { id: id.clone(), outer, _context: context };
            let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(span));
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(ids) = ids(id, &context) else { return };
        let exited = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let index = entered.iter().rposition(|entered| entered.id == *id)?;
            Some(entered.remove(index))
        });
        if let Ok(Some(span)) = exited {
            with_current(|frame| {
                // A span exited out of order is no longer current: leave the current one.
                if frame.ids == ids {
                    frame.ids = span.outer;
                }
            });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let call = span.extensions_mut().remove::<ForeignModelCall>();
        let bridged = span.extensions_mut().remove::<BridgedSpan>();
        let Some(BridgedSpan { record: Some(mut record), recorder, .. }) = bridged else {
            if let Some(call) = call {
                call.end(None);
            }
            return;
        };
        if let Some(call) = call {
            call.end(Some(&mut record));
        }
        record.end = recorder.clock.now();
        recorder.end_span(record);
    }
}

/// Leaves the counting of the model call around to an annotated call, whose span this is.
fn leave_to_annotated<S: for<'a> LookupSpan<'a>>(span: &SpanRef<'_, S>, attributes: &Attributes<'_>) {
    for outer in span.scope().skip(1).take_while(|outer| outer.metadata().target() != TARGET) {
        let mut extensions = outer.extensions_mut();
        let Some(call) = extensions.get_mut::<ForeignModelCall>() else { continue };
        if call.leave_to(attributes)
            && let Some(bridged) = extensions.get_mut::<BridgedSpan>()
        {
            bridged.repeats_usage = true;
        }
        return;
    }
}

/// Returns the model call around a new span, which is another library's or annotated.
fn model_call_around<S: for<'a> LookupSpan<'a>>(span: &SpanRef<'_, S>) -> Option<CallAround> {
    for outer in span.scope().skip(1) {
        if let Some(call) = outer.extensions().get::<ForeignModelCall>() {
            return Some(call.as_around());
        }
        // The span of an annotated call: its frame says whether it is a model call.
        if outer.metadata().target() == TARGET {
            break;
        }
    }
    let around = |model: &mut Box<ModelCall>| CallAround {
        usage: model.inner(),
        name: model.name.clone(),
        is_embedding: model.is_embedding,
    };
    with_current(|frame| frame.model.as_mut().map(around)).flatten()
}

fn ids<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, context: &Context<'_, S>) -> Option<SpanIds> {
    let ids = context.span(id)?.extensions().get::<BridgedSpan>()?.ids;
    ids.is_some().then_some(ids)
}

fn is_call<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, context: &Context<'_, S>) -> bool {
    context.metadata(id).is_some_and(|metadata| metadata.target() == TARGET)
}

fn span_event(event: &tracing::Event<'_>, recorder: &Recorder) -> Event {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let metadata = event.metadata();
    fields.attributes.push(KeyValue::new("level", metadata.level().as_str()));
    fields.attributes.push(KeyValue::new("target", metadata.target().to_owned()));
    let name = fields.message.map_or(Cow::Borrowed(metadata.name()), Cow::Owned);
    Event::new(name, recorder.clock.anchor().wall(recorder.clock.now()), fields.attributes, 0)
}

/// The fields of a `tracing` span or event; `otel.name` and `otel.kind` have the meaning that `tracing-opentelemetry`
/// gives them.
struct Fields {
    attributes: Vec<KeyValue>,
    message: Option<String>,
    name: Option<String>,
    kind: SpanKind,
}

impl Default for Fields {
    fn default() -> Self {
        Self { attributes: Vec::new(), message: None, name: None, kind: SpanKind::Internal }
    }
}

impl Fields {
    /// Drops the numbers that the model call around has.
    fn drop_usage(&mut self) {
        self.attributes.retain(|attribute| !attribute.key.as_str().starts_with(USAGE));
    }

    fn text(&mut self, field: &Field, value: &str) {
        let value = span_limits::attribute_text(field.name(), value).into_owned();
        match field.name() {
            "message" => self.message = Some(value),
            "otel.name" => self.name = Some(value),
            "otel.kind" => {
                self.kind = match value.to_ascii_lowercase().as_str() {
                    "server" => SpanKind::Server,
                    "client" => SpanKind::Client,
                    "producer" => SpanKind::Producer,
                    "consumer" => SpanKind::Consumer,
                    _ => SpanKind::Internal,
                }
            }
            name => self.attributes.push(KeyValue::new(name.to_owned(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.text(field, &value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }
}
