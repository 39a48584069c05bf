//! Encodes spans as OTLP's `ExportTraceServiceRequest`, straight from their records.
//!
//! The numbers of the fields are those of `opentelemetry/proto/trace/v1/trace.proto`.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use foldhash::fast::RandomState;
use opentelemetry::KeyValue;
use opentelemetry::trace::Event;
use opentelemetry_sdk::Resource;

use super::attributes;
use crate::export::protobuf::Message;
use crate::packed_attributes;
use crate::site::Constants;
use crate::span::{AttributeTarget, Description, Exception, SharedAttributes, Sharing, otlp_kind, scope};
use crate::span_limits::Count;
use crate::workflow_attributes::WorkflowAttributes;

/// Takes the description of each span of a batch.
pub(super) type Form<'a> = &'a mut dyn FnMut(Description<'_>, Count<'_>);

/// The encoder of requests for one collector.
#[derive(Debug)]
pub(super) struct SpanEncoder {
    resource: Resource,
    encoded: Encoded,
    /// The bytes of the latest request: the next one probably takes as many.
    latest: usize,
}

/// Attributes that spans share, as they were encoded.
#[derive(Debug, Default)]
struct Encoded {
    /// Those of calls.
    calls: HashMap<Edge, (Vec<u8>, SharedAttributes), RandomState>,
    /// Those of the latest workflow, whose spans mostly follow each other. It is not kept alive; its address is not used again while this
    /// refers to it.
    workflow: Weak<WorkflowAttributes>,
    of_workflow: (Vec<u8>, SharedAttributes),
}

/// Tells calls of one site by one caller from others: the address of the constants, and the place and the length of the caller's name. Both
/// live as long as the process.
type Edge = (usize, usize, usize);

/// Writes the attributes of a span.
struct SpanAttributes<'a> {
    to: &'a mut Message,
    encoded: &'a mut Encoded,
    /// The length of the message before attributes that spans share.
    shared_start: usize,
}

impl SpanEncoder {
    pub(super) fn new(resource: Resource) -> Self {
        Self { resource, encoded: Encoded::default(), latest: 0 }
    }

    /// Returns the request that carries the spans that `batch` passes on.
    pub(super) fn encode(&mut self, batch: impl FnOnce(Form<'_>)) -> Vec<u8> {
        let Self { resource, encoded, latest } = self;
        let mut request = Message::default();
        // A few bytes more than the latest one must not have the whole request copied.
        request.reserve(*latest + *latest / 8);
        request.long_message::<3>(1, |resource_spans| {
            attributes::resource(resource_spans, resource);
            resource_spans.long_message::<3>(2, |scope_spans| {
                attributes::scope(scope_spans, scope());
                batch(&mut |described, count| {
                    scope_spans.long_message::<2>(2, |to| span(to, &described, encoded, count));
                });
                scope_spans.text(3, scope().schema_url().unwrap_or_default());
            });
            resource_spans.text(3, resource.schema_url().unwrap_or_default());
        });
        *latest = request.len();
        request.into_bytes()
    }
}

fn span(to: &mut Message, span: &Description<'_>, encoded: &mut Encoded, count: Count<'_>) {
    let (ids, parent) = (span.ids(), span.parent());
    to.array(1, ids.trace_id().to_bytes());
    to.array(2, ids.span_id().to_bytes());
    if let Some(trace_state) = span.trace_state() {
        to.text(3, &trace_state.header());
    }
    if parent.is_some() {
        to.array(4, parent.span_id().to_bytes());
    }
    to.text(5, &span.name());
    to.present_number(6, u64::from(otlp_kind(span.kind())));
    let [start, end] = span.nanoseconds();
    to.present_fixed64(7, start);
    to.present_fixed64(8, end);
    let shared_start = to.len();
    let dropped = span.attributes(&mut SpanAttributes { to, encoded, shared_start }, count);
    to.number(10, dropped.into());
    let (events, dropped) = span.events();
    for of in events {
        to.message(11, |to| event(to, of));
    }
    if let Some(of) = span.exception() {
        to.message(11, |to| exception(to, of));
    }
    to.number(12, dropped.into());
    to.message(15, |to| {
        if let Some(error) = span.status_error() {
            to.text(2, error);
            to.number(3, STATUS_ERROR);
        }
    });
    to.fixed32(16, flags(parent.is_remote(), ids.is_sampled()));
}

impl AttributeTarget for SpanAttributes<'_> {
    fn attribute(&mut self, attribute: KeyValue) {
        self.to.append_with(|to| packed_attributes::write(to, attribute.key.as_str(), &attribute.value));
    }

    #[inline]
    fn constant(&mut self, key: &'static str, value: &'static str) {
        self.text(key, value);
    }

    #[inline]
    fn double(&mut self, key: &'static str, value: f64) {
        self.to.append_with(|to| packed_attributes::write_double_attribute(to, key, value));
    }

    #[inline]
    fn text(&mut self, key: &str, value: &str) {
        self.to.append_with(|to| packed_attributes::write_text(to, key, value));
    }

    fn packed(&mut self, fields: &[u8]) {
        self.to.append(fields);
    }

    fn repeat(&mut self, of: Sharing<'_>, most: usize) -> Option<SharedAttributes> {
        let known = match of {
            Sharing::Calls { site, caller } => self.encoded.calls.get(&edge(site, caller)),
            Sharing::Workflow(workflow) => self.encoded.is_latest(workflow).then_some(&self.encoded.of_workflow),
        };
        let (bytes, taken) = known.filter(|(_, taken)| taken.attributes <= most)?;
        self.to.append(bytes);
        Some(*taken)
    }

    fn begin_shared(&mut self) {
        self.shared_start = self.to.len();
    }

    fn end_shared(&mut self, of: Sharing<'_>, taken: SharedAttributes) {
        let bytes = self.to.since(self.shared_start);
        match of {
            Sharing::Calls { site, caller } => {
                self.encoded.calls.insert(edge(site, caller), (bytes.to_vec(), taken));
            }
            Sharing::Workflow(workflow) => {
                self.encoded.workflow = Arc::downgrade(workflow);
                let (latest, of_latest) = &mut self.encoded.of_workflow;
                latest.clear();
                latest.extend_from_slice(bytes);
                *of_latest = taken;
            }
        }
    }
}

impl Encoded {
    fn is_latest(&self, workflow: &Arc<WorkflowAttributes>) -> bool {
        std::ptr::eq(self.workflow.as_ptr(), Arc::as_ptr(workflow))
    }
}

fn edge(site: &'static Constants, caller: &'static str) -> Edge {
    (std::ptr::from_ref(site).addr(), caller.as_ptr().addr(), caller.len())
}

fn event(to: &mut Message, event: &Event) {
    to.time(1, event.timestamp);
    to.text(2, &event.name);
    for kv in &event.attributes {
        attributes::attribute(to, 3, kv.key.as_str(), &kv.value);
    }
    to.number(4, event.dropped_attributes_count.into());
}

fn exception(to: &mut Message, exception: Exception<'_>) {
    to.time(1, exception.at);
    to.text(2, Exception::NAME);
    attributes::text_attribute(to, 3, Exception::TYPE, exception.kind);
    if let Some(message) = exception.message {
        attributes::text_attribute(to, 3, Exception::MESSAGE, message);
    }
}

const STATUS_ERROR: u64 = 2;

/// Returns the trace flags, and whether the parent is of another process.
fn flags(is_remote: bool, is_sampled: bool) -> u32 {
    const HAS_IS_REMOTE: u32 = 0x100;
    const IS_REMOTE: u32 = 0x200;
    u32::from(is_sampled) | HAS_IS_REMOTE | if is_remote { IS_REMOTE } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use opentelemetry::trace::{Event, SpanKind, TraceState};
    use opentelemetry::{Array, KeyValue, Value};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
    use opentelemetry_sdk::Resource;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::SpanEncoder;
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;
    use crate::metric::{Bounds, Histogram};
    use crate::model::{CallCost, Usage, WorkflowRun};
    use crate::outcome::Outcome;
    use crate::site::{Constants, Role, Slo};
    use crate::span::{Description, Events, Origin, SpanError, SpanRecord, span_data};
    use crate::workflow_attributes::WorkflowAttributes;
    use crate::workflow_name::WorkflowName;

    const fn site(role: Role, primitive_type: &'static str, action: &'static str) -> Constants {
        Constants {
            role,
            primitive_type,
            action,
            name: "a function",
            span_name: "primitive",
            function: "path::of::function",
            file: "src/path.rs",
            line: 300,
            labels: &[],
            buckets: &[],
            slo: Slo::NONE,
            is_guarded: false,
        }
    }

    static SITES: [Constants; 5] = [
        site(Role::Workflow, "workflow", "execute"),
        site(Role::Agent, "agent", "plan"),
        site(Role::Tool, "tool", "call"),
        site(Role::Model, "llm", "stream"),
        site(Role::Other, "processor", "process"),
    ];

    fn origin() -> impl Strategy<Value = Origin> {
        let call = (0..SITES.len(), prop_oneof![Just(""), Just("a caller")])
            .prop_map(|(site, caller)| Origin::Call { constants: &SITES[site], caller });
        prop_oneof![4 => call, 1 => Just(Origin::Foreign("".into()))]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![8 => "\\PC{0,40}", 1 => "[a-é]{0,300}", 1 => Just("日本".repeat(5_000))]
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::I64),
            any::<f64>()
                .prop_filter("a message with it equals no other", |number| !number.is_nan())
                .prop_map(Value::F64),
            text().prop_map(Value::from),
            prop::sample::select(vec!["", "constant"]).prop_map(Value::from),
            prop::collection::vec(any::<bool>(), 0..4).prop_map(|items| Value::Array(Array::Bool(items))),
            prop::collection::vec(any::<i64>(), 0..40).prop_map(|items| Value::Array(Array::I64(items))),
            Just(Value::Array(Array::F64(vec![0.5, -1e300, -0.0]))),
            prop::collection::vec(text(), 0..4)
                .prop_map(|items| Value::Array(Array::String(items.into_iter().map(Into::into).collect()))),
        ]
    }

    fn attributes(most: usize) -> impl Strategy<Value = Vec<KeyValue>> {
        // Some replace attributes that spans share.
        let known = prop::sample::select(vec!["llm.cost.basis", "primitive.type", "workflow.id", "agent.type", ""]);
        let key = prop_oneof![4 => "[a-z.]{1,12}", 2 => known.prop_map(str::to_owned)];
        prop::collection::vec((key, value()).prop_map(|(key, value)| KeyValue::new(key, value)), 0..most)
    }

    fn workflow() -> impl Strategy<Value = WorkflowAttributes> {
        let known = || prop::option::of(text().prop_map(Arc::<str>::from));
        let tags = prop::collection::btree_map("[a-z]{0,5}", text(), 0..4);
        let names = (known(), known(), known(), known(), known(), known(), known());
        (names, tags, any::<bool>()).prop_map(
            |((id, name, session, correlation, causation, agent, agent_type), tags, is_traced)| WorkflowAttributes {
                workflow_id: id.map(Into::into),
                workflow_name: name.map(WorkflowName::Given),
                session_id: session,
                correlation_id: correlation.map(Into::into),
                causation_id: causation,
                agent_id: agent,
                agent_type,
                tags: tags.into(),
                trace_state: if is_traced {
                    TraceState::from_key_value([("vendor", "a"), ("other", "b")]).unwrap()
                } else {
                    TraceState::default()
                },
                ..WorkflowAttributes::default()
            },
        )
    }

    fn error() -> impl Strategy<Value = SpanError> {
        let kind = prop_oneof![Just(Cow::Borrowed("timeout")), text().prop_map(Cow::Owned)];
        (kind, prop::option::of(text()), any::<bool>()).prop_map(|(kind, message, is_origin)| SpanError {
            kind,
            message,
            is_origin,
        })
    }

    fn ids() -> impl Strategy<Value = SpanIds> {
        (1..u128::MAX, 1..u64::MAX, any::<bool>(), any::<bool>()).prop_map(|(trace, span, is_sampled, is_remote)| {
            let ids = SpanIds::remote(trace, span, is_sampled);
            if is_remote { ids } else { ids.child() }
        })
    }

    /// Returns a cost of a call without a price, or none yet.
    fn cost() -> impl Strategy<Value = Arc<CallCost>> {
        any::<bool>().prop_map(|is_known| {
            let cost = CallCost::default();
            if is_known {
                cost.add_unpriced();
            }
            Arc::new(cost)
        })
    }

    fn run(input_tokens: u64) -> Arc<WorkflowRun> {
        let costs = Box::leak(Box::new(Histogram::new(&Arc::new(Bounds::new(&[0.001], 1e9)))));
        let run = WorkflowRun::begin(None, costs);
        run.add_tokens(&Usage::new(input_tokens, 5));
        run.add_cost(CallCost::add_unpriced);
        run
    }

    fn record() -> impl Strategy<Value = SpanRecord> {
        let kinds = [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
        let event = (text(), attributes(5), 0..3_u32).prop_map(|(name, attributes, dropped)| {
            Event::new(name, UNIX_EPOCH + Duration::from_millis(7), attributes, dropped)
        });
        let identity = (origin(), ids(), prop::option::of(ids()), text(), prop::sample::select(kinds.to_vec()));
        let end = (0..u64::MAX / 4, 0..u64::MAX / 4, prop::option::of(prop::sample::select(Outcome::ALL.to_vec())));
        let parts = (prop::option::of(error()), attributes(130));
        let events = (prop::option::of((prop::collection::vec(event, 0..3), 0..3_u32)),);
        let late = (any::<bool>(), prop::option::of(cost()), prop::option::of(0..u64::MAX));
        (identity, end, parts, events, late).prop_map(|(identity, end, parts, events, late)| {
            let (origin, ids, parent, name, kind) = identity;
            let origin = if let Origin::Foreign(_) = origin { Origin::Foreign(name.into()) } else { origin };
            let attributes = parts.1.into_iter().collect();
            let mut record = SpanRecord::new(origin, ids, parent.unwrap_or(SpanIds::NONE), attributes);
            record.kind = kind;
            (record.start, record.end, record.outcome) = (Monotonic(end.0), Monotonic(end.0 + end.1), end.2);
            record.error = parts.0.map(Box::new);
            record.events = events.0.map(|(events, dropped)| Box::new(Events { events, dropped }));
            (record.streams, record.rare().late_cost, record.run) = (late.0, late.1, late.2.map(run));
            record
        })
    }

    /// A batch: the spans with their workflows, of which there are two.
    #[derive(Debug)]
    struct Batch {
        records: Vec<(SpanRecord, Option<usize>)>,
        workflows: [WorkflowAttributes; 2],
    }

    fn batch() -> impl Strategy<Value = Batch> {
        let records = prop::collection::vec((record(), prop::option::weighted(0.8, 0..2_usize)), 1..6);
        (records, workflow(), workflow()).prop_map(|(records, one, other)| Batch { records, workflows: [one, other] })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_request_is_the_one_of_opentelemetry_s_own_types(
            batches in prop::collection::vec(batch(), 1..3),
            has_resource in any::<bool>(),
        ) {
            let resource = if has_resource {
                Resource::builder_empty().with_schema_url([KeyValue::new("service.name", "s")], "https://resource").build()
            } else {
                Resource::builder_empty().build()
            };
            let anchor = Clock::System.anchor();
            let mut encoder = SpanEncoder::new(resource.clone());
            for Batch { records, workflows } in batches {
                // The workflows of the batch before are gone, and theirs may be the same addresses.
                let workflows = workflows.map(Arc::new);
                let of_workflow = |(mut record, workflow): (SpanRecord, Option<usize>)| {
                    record.workflow = workflow.map(|workflow| Arc::clone(&workflows[workflow]));
                    record
                };
                let records: Vec<_> = records.into_iter().map(of_workflow).collect();
                let described = || records.iter().map(|record| Description::new(record, anchor));
                let mut lost = Vec::new();
                let spans = described().map(|span| span_data(span, &mut |part, n| lost.push((part, n)))).collect();
                let resource_spans = group_spans_by_resource_and_scope(spans, &(&resource).into());
                let expected = ExportTraceServiceRequest { resource_spans };
                // The second request has what the encoder keeps of call sites and of the latest workflow.
                for _ in 0..2 {
                    let mut lost_here = Vec::new();
                    let request = encoder.encode(|form| {
                        described().for_each(|span| form(span, &mut |part, n| lost_here.push((part, n))));
                    });
                    prop_assert_eq!(&ExportTraceServiceRequest::decode(&request[..]).unwrap(), &expected);
                    prop_assert_eq!(&lost_here, &lost);
                }
            }
        }
    }
}
