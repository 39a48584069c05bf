//! Conversion of a span record into OpenTelemetry's `SpanData`.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{Event, SpanId, Status};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::genai;
use super::record::{Origin, SpanError, SpanRecord};
use crate::clock::ClockAnchor;
use crate::model::DECODING;
use crate::outcome::Outcome;
use crate::schema::genai::{CONVERSATION_ID, ERROR_TYPE, REQUEST_STREAM, SCHEMA_URL};
use crate::site::Constants;
use crate::span_limits::{self, Count, LostPart, SpanLimit};
use crate::workflow_attributes::WorkflowAttributes;

/// Converts a span, and counts what the limits left out. Runs on the export thread, since it allocates for each attribute and may wait for
/// the prices.
pub(crate) fn span_data(record: &SpanRecord, anchor: ClockAnchor, count: Count<'_>) -> SpanData {
    if record.late_cost.is_some() || record.run.is_some() {
        DECODING.wait_for_work();
    }
    span_data_now(record, anchor, count)
}

/// Converts a span with what is known now.
pub(super) fn span_data_now(record: &SpanRecord, anchor: ClockAnchor, count: Count<'_>) -> SpanData {
    let mut attributes = Vec::with_capacity(24 + record.attributes.len());
    if let Origin::Call { constants, caller } = record.origin {
        call_attributes(&mut attributes, constants, caller, record);
    }
    if !matches!(record.origin, Origin::Foreign) {
        if let Some(workflow) = record.workflow.as_deref() {
            workflow_attributes(&mut attributes, workflow, record);
        }
        let duration = record.end.since(record.start);
        attributes.push(KeyValue::new("execution.duration_ms", duration.as_secs_f64() * 1e3));
    }
    if let Some(outcome) = record.outcome {
        attributes.push(KeyValue::new("execution.status", outcome.as_str()));
    }
    let end_time = anchor.wall(record.end);
    let mut events = SpanEvents::default();
    events.events.clone_from(&record.events);
    events.dropped_count = record.dropped_events;
    if let Some(error) = &record.error {
        attributes.push(KeyValue::new(ERROR_TYPE, error.kind.clone()));
        if let Some(message) = &error.message {
            attributes.push(KeyValue::new("error.message", message.clone()));
        }
        if error.is_origin {
            events.events.push(exception(error.kind.clone(), error.message.as_deref(), end_time));
        }
    }
    let own = attributes.len();
    attributes.extend(record.attributes.iter().cloned());
    for cost in record.late_cost.iter().flat_map(|cost| genai::of_cost(cost)) {
        let own = attributes.get_mut(own..).unwrap_or_default();
        match own.iter_mut().find(|have| have.key == cost.key) {
            Some(have) => *have = cost,
            None => attributes.push(cost),
        }
    }
    attributes.extend(record.run.as_deref().map(genai::of_run).unwrap_or_default());
    let dropped = span_limits::attributes(&mut attributes, SpanLimit::Attributes, LostPart::Attribute, count);
    let dropped = u32::try_from(dropped).unwrap_or(u32::MAX).saturating_add(record.dropped_attributes);
    SpanData {
        span_context: record.ids.to_otel(trace_state(record.workflow.as_deref())),
        parent_span_id: if record.parent.is_some() { record.parent.span_id() } else { SpanId::INVALID },
        parent_span_is_remote: record.parent.is_remote(),
        span_kind: record.kind.clone(),
        name: record.name.clone(),
        start_time: anchor.wall(record.start),
        end_time,
        attributes,
        dropped_attributes_count: dropped,
        events,
        links: SpanLinks::default(),
        status: status(record.outcome, record.error.as_ref()),
        instrumentation_scope: scope(),
    }
}

fn call_attributes(to: &mut Vec<KeyValue>, constants: &Constants, caller: &'static str, record: &SpanRecord) {
    to.extend([
        KeyValue::new("primitive.name", constants.name),
        KeyValue::new("primitive.type", constants.primitive_type),
        KeyValue::new("primitive.action", constants.action),
        KeyValue::new("code.function.name", constants.function),
        KeyValue::new("code.file.path", constants.file),
        KeyValue::new("code.line.number", i64::from(constants.line)),
    ]);
    if !caller.is_empty() {
        to.push(KeyValue::new("primitive.parent", caller));
    }
    to.extend(genai::of_site(constants));
    if is_conversational(constants)
        && let Some(conversation) = record.workflow.as_deref().and_then(|workflow| workflow.session_id.clone())
    {
        to.push(KeyValue::new(CONVERSATION_ID, conversation));
    }
    if constants.primitive_type == "llm" {
        to.push(KeyValue::new("llm.streaming", record.streams));
    }
    if record.streams && !genai::streams(constants) {
        to.push(KeyValue::new(REQUEST_STREAM, true));
    }
}

/// Returns whether calls of the function belong to a conversation, by the conventions.
fn is_conversational(constants: &Constants) -> bool {
    crate::schema::genai::operation(constants.primitive_type, constants.action).is_some()
}

fn workflow_attributes(to: &mut Vec<KeyValue>, workflow: &WorkflowAttributes, record: &SpanRecord) {
    let known = [
        ("workflow.id", &workflow.workflow_id),
        ("workflow.name", &workflow.workflow_name),
        ("session.id", &workflow.session_id),
        ("correlation.id", &workflow.correlation_id),
        ("agent.id", &workflow.agent_id),
        ("agent.type", &workflow.agent_type),
    ];
    to.extend(known.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, Arc::clone(value.as_ref()?)))));
    let cause: Option<Value> = if record.parent.is_some() {
        Some(record.parent.span_id().to_string().into())
    } else {
        workflow.causation_id.clone().map(Value::from)
    };
    to.extend(cause.map(|cause| KeyValue::new("causation.id", cause)));
    to.extend(workflow.tags.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())));
}

fn trace_state(workflow: Option<&WorkflowAttributes>) -> opentelemetry::trace::TraceState {
    workflow.map(|workflow| workflow.trace_state.clone()).unwrap_or_default()
}

fn exception(kind: Cow<'static, str>, message: Option<&str>, at: std::time::SystemTime) -> Event {
    let mut attributes = vec![KeyValue::new("exception.type", kind)];
    attributes.extend(message.map(|message| KeyValue::new("exception.message", message.to_owned())));
    Event::new("exception", at, attributes, 0)
}

/// Returns `Error` with the error's message for what went wrong. Others stay `Unset`, by OpenTelemetry's conventions: `Ok` is the
/// word of the program's operators.
fn status(outcome: Option<Outcome>, error: Option<&SpanError>) -> Status {
    match (outcome, error) {
        (Some(Outcome::Success), _) | (None, None) => Status::Unset,
        (_, error) => Status::error(error.and_then(|error| error.message.clone()).unwrap_or_default()),
    }
}

fn scope() -> InstrumentationScope {
    static SCOPE: std::sync::OnceLock<InstrumentationScope> = std::sync::OnceLock::new();
    let scope = || InstrumentationScope::builder("tta").with_version(env!("CARGO_PKG_VERSION"));
    SCOPE.get_or_init(|| scope().with_schema_url(SCHEMA_URL).build()).clone()
}
