//! The registry that `tta generate` writes, compared with what a collector receives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind as Kind;
use serde::Deserialize;
use tta_cli::file::profile::Profile;
use tta_cli::own_keys::OwnKeys;

use crate::child::{configured, run, subject};
use crate::monitoring::program::built;
use crate::receiver::{Received, Receiver};

/// A file of a registry. Fields that weaver's format does not have are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<Signal>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Signal {
    AttributeGroup {
        id: String,
        stability: Stability,
        brief: String,
        attributes: Vec<Definition>,
    },
    Span {
        id: String,
        stability: Stability,
        brief: String,
        span_kind: SpanKind,
        attributes: Vec<Reference>,
    },
    Event {
        id: String,
        stability: Stability,
        brief: String,
        name: String,
        attributes: Vec<Reference>,
    },
    Metric {
        id: String,
        stability: Stability,
        brief: String,
        metric_name: String,
        instrument: String,
        unit: String,
        attributes: Vec<Reference>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stability {
    Development,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SpanKind {
    Client,
    Server,
    Internal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    id: String,
    r#type: String,
    stability: Stability,
    brief: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    r#ref: String,
    requirement_level: Option<Level>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Required,
    OptIn,
    ConditionallyRequired(String),
}

/// The spans of a group: their kind, the attributes that they may have, and those that they must have.
#[derive(Clone)]
struct SpanGroup {
    kind: Kind,
    known: BTreeSet<String>,
    required: BTreeSet<String>,
}

/// The names of a registry.
#[derive(Clone, Default)]
struct Registry {
    /// The types of attributes.
    attributes: BTreeMap<String, String>,
    /// The groups of spans.
    spans: BTreeMap<String, SpanGroup>,
    /// The attributes of events.
    events: BTreeMap<String, BTreeSet<String>>,
    /// The instruments, units and attributes of metrics.
    metrics: BTreeMap<String, (String, String, BTreeSet<String>)>,
}

impl Registry {
    /// Reads the registry of programs with these sources.
    fn of_sources(folders: &[&str]) -> Self {
        let mut own = OwnKeys::default();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
        for folder in folders {
            add_sources(&mut own, &workspace.join(folder));
        }
        let mut registry = Self::default();
        for artefact in tta_cli::files::all(&Profile::default().with_own_keys(own)) {
            let name = artefact.path.to_string_lossy().into_owned();
            if name.starts_with("registry/") && !name.ends_with("manifest.yaml") {
                let file: File =
                    serde_saphyr::from_str(&artefact.text).unwrap_or_else(|error| panic!("{name}: {error}"));
                file.groups.into_iter().for_each(|group| registry.add(group));
            }
        }
        registry
    }

    fn add(&mut self, group: Signal) {
        let mut ids = BTreeSet::new();
        let mut check = |id: &str, stability: Stability, brief: &str| {
            let Stability::Development = stability;
            assert!(!brief.is_empty() && ids.insert(id.to_owned()), "{id}");
        };
        let keys = |references: Vec<Reference>| -> BTreeSet<String> {
            references
                .into_iter()
                .map(|reference| {
                    if let Some(Level::ConditionallyRequired(condition)) = reference.requirement_level {
                        assert!(!condition.is_empty(), "{}", reference.r#ref);
                    }
                    reference.r#ref
                })
                .collect()
        };
        match group {
            Signal::AttributeGroup { id, stability, brief, attributes } => {
                check(&id, stability, &brief);
                for Definition { id, r#type, stability, brief } in attributes {
                    check(&id, stability, &brief);
                    assert_eq!(self.attributes.insert(id.clone(), r#type), None, "{id} is defined once");
                }
            }
            Signal::Span { id, stability, brief, span_kind, attributes } => {
                check(&id, stability, &brief);
                let required =
                    attributes.iter().filter(|reference| matches!(reference.requirement_level, Some(Level::Required)));
                let required = required.map(|reference| reference.r#ref.clone()).collect();
                let kind = match span_kind {
                    SpanKind::Client => Kind::Client,
                    SpanKind::Server => Kind::Server,
                    SpanKind::Internal => Kind::Internal,
                };
                self.spans.insert(id, SpanGroup { kind, known: keys(attributes), required });
            }
            Signal::Event { id, stability, brief, name, attributes } => {
                check(&id, stability, &brief);
                self.events.insert(name, keys(attributes));
            }
            Signal::Metric { id, stability, brief, metric_name, instrument, unit, attributes } => {
                check(&id, stability, &brief);
                self.metrics.insert(metric_name, (instrument, unit, keys(attributes)));
            }
        }
    }

    /// Returns a line for each name that was received and is not in the registry, or is there with another type.
    fn faults(&self, received: &Received) -> BTreeSet<String> {
        let mut faults = BTreeSet::new();
        for span in &received.spans {
            self.check_span(span, &mut faults);
            for event in &span.events {
                self.check_event(&event.name, &event.attributes, &mut faults);
            }
        }
        for record in &received.logs {
            self.check_event(&record.event_name, &record.attributes, &mut faults);
        }
        for resource in &received.resources {
            let all = self.attributes.keys().cloned().collect();
            self.check_attributes("the resource", &all, resource, &mut faults);
        }
        for metric in &received.metrics {
            self.check_metric(metric, &mut faults);
        }
        faults
    }

    fn check_span(&self, span: &Span, faults: &mut BTreeSet<String>) {
        let id = format!("span.tta.{}", group_of(span));
        let group = &self.spans[&id];
        if span.kind() != group.kind {
            faults.insert(format!("{id} is sent as {:?}, not as {:?}", span.kind(), group.kind));
        }
        for missing in group.required.iter().filter(|key| text(span, key).is_none()) {
            faults.insert(format!("{missing} is not sent with {id}, which requires it"));
        }
        self.check_attributes(&id, &group.known, &span.attributes, faults);
    }

    fn check_event(&self, name: &str, attributes: &[KeyValue], faults: &mut BTreeSet<String>) {
        match self.events.get(name) {
            Some(known) => self.check_attributes(&format!("the event {name}"), known, attributes, faults),
            None => drop(faults.insert(format!("the event {name} is missing"))),
        }
    }

    fn check_metric(&self, metric: &Metric, faults: &mut BTreeSet<String>) {
        let name = &metric.name;
        let Some((instrument, unit, known)) = self.metrics.get(name) else {
            faults.insert(format!("the metric {name} is missing"));
            return;
        };
        let (sent, points): (_, Vec<&Vec<KeyValue>>) = match metric.data.as_ref().expect("it has numbers") {
            Data::Sum(sum) => {
                let kind = if sum.is_monotonic { "counter" } else { "updowncounter" };
                (kind, sum.data_points.iter().map(|point| &point.attributes).collect())
            }
            Data::Gauge(gauge) => ("gauge", gauge.data_points.iter().map(|point| &point.attributes).collect()),
            Data::Histogram(histogram) => {
                ("histogram", histogram.data_points.iter().map(|point| &point.attributes).collect())
            }
            other => panic!("no metric of ours is {other:?}"),
        };
        let sent_unit = if metric.unit.is_empty() { "1" } else { &metric.unit };
        if (sent, sent_unit) != (instrument, unit) {
            faults.insert(format!("the metric {name} is a {sent} in {sent_unit}, not a {instrument} in {unit}"));
        }
        for attributes in points {
            self.check_attributes(&format!("the metric {name}"), known, attributes, faults);
        }
    }

    fn check_attributes(&self, of: &str, known: &BTreeSet<String>, sent: &[KeyValue], faults: &mut BTreeSet<String>) {
        for KeyValue { key, value, .. } in sent {
            let sent = type_of(value.as_ref());
            match self.attributes.get(key) {
                Some(defined) if defined != "any" && defined != sent => {
                    faults.insert(format!("{key} of {of} is a {sent}, not a {defined}"));
                }
                Some(_) if known.contains(key) => {}
                _ => drop(faults.insert(format!("{key} of {of} is missing"))),
            }
        }
    }
}

/// Returns the group that a span is of, by what it is about.
fn group_of(span: &Span) -> &'static str {
    let is_server = span.kind() == Kind::Server;
    let has = |key: &str| text(span, key).is_some();
    match text(span, "primitive.type").as_deref() {
        _ if has("mcp.method.name") => {
            if is_server {
                "mcp.server"
            } else {
                "mcp.client"
            }
        }
        _ if has("http.request.method") => {
            if is_server {
                "http.server"
            } else {
                "http.client"
            }
        }
        // Annotated functions alone say where they are.
        _ if !has("code.function.name") => "block",
        Some("llm") => "inference",
        Some("embedding") => "embeddings",
        Some("retrieval") => "retrieval",
        Some("memory") => "memory",
        Some("tool") if has("server.address") => "tool.client",
        Some("tool") => "tool",
        Some("agent") => "agent",
        Some("workflow") => "workflow",
        _ => "call",
    }
}

/// Returns an attribute as text.
fn text(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

fn add_sources(own: &mut OwnKeys, folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            add_sources(own, &path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            own.add_source(&std::fs::read_to_string(path).expect("it can be read"));
        }
    }
}

fn type_of(value: Option<&AnyValue>) -> &'static str {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(_)) => "string",
        Some(Value::BoolValue(_)) => "boolean",
        Some(Value::IntValue(_)) => "int",
        Some(Value::DoubleValue(_)) => "double",
        Some(Value::ArrayValue(list)) if list.values.iter().all(|item| type_of(Some(item)) == "string") => "string[]",
        _ => "another",
    }
}

/// What the main job and a program with spans of each kind send, with all that can be switched on.
static SENT: LazyLock<Receiver> = LazyLock::new(|| {
    let receiver = Receiver::start();
    let mut main_job = configured(Command::new(built()));
    main_job.args(["--latency", "0.1", "--faults", "10", "--seed", "2"]).env_remove("OPENAI_BASE_URL");
    for command in [&mut subject("blocks"), &mut subject("kinds"), &mut main_job] {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("OTEL_LOGS_EXPORTER", "otlp");
        command.env("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "span_and_event");
        command.env("TTA_COMPATIBILITY", "openinference,mlflow");
        command.env("TTA_OTLP_METRICS_VIEW", "tta,otel,otel_latest,otel_token_usage,classic");
        run(command);
    }
    receiver
});

fn registry() -> Registry {
    Registry::of_sources(&["tta-examples/src", "tests/src/bin/subject"])
}

#[test]
fn everything_that_is_sent_is_in_the_registry_with_its_type() {
    let received = SENT.received();
    assert!(received.spans.len() > 100 && received.metrics.len() > 100, "{}", received.metrics.len());
    let events: BTreeSet<&str> = received.logs.iter().map(|record| record.event_name.as_str()).collect();
    assert_eq!(
        events.into_iter().collect::<Vec<_>>(),
        ["gen_ai.client.inference.operation.details", "gen_ai.evaluation.result"]
    );
    let registry = registry();
    let sent: BTreeSet<_> = received.spans.iter().map(|span| format!("span.tta.{}", group_of(span))).collect();
    assert!(sent.iter().eq(registry.spans.keys()), "spans of each group are sent: {sent:?}");
    assert_eq!(registry.faults(&received), BTreeSet::new());
}

#[test]
fn a_name_that_is_missing_is_found() {
    let mut registry = registry();
    registry.attributes.remove("note.part");
    registry.attributes.insert("llm.cost_usd".to_owned(), "int".to_owned());
    registry.spans.get_mut("span.tta.block").expect("it is there").known.remove("retry.attempt");
    registry.spans.get_mut("span.tta.retrieval").expect("it is there").kind = Kind::Internal;
    registry.spans.get_mut("span.tta.agent").expect("it is there").required.insert("gen_ai.data_source.id".to_owned());
    registry.events.remove("gen_ai.evaluation.result");
    registry.metrics.remove("cache.hits");
    registry.metrics.get_mut("tta_llm_cost_total").expect("it is there").2.remove("model");
    registry.metrics.get_mut("tta_cache_entries").expect("it is there").0 = "counter".to_owned();
    let faults: Vec<String> = registry.faults(&SENT.received()).into_iter().collect();
    assert_eq!(
        faults,
        [
            "gen_ai.data_source.id is not sent with span.tta.agent, which requires it",
            "llm.cost_usd of span.tta.embeddings is a double, not a int",
            "llm.cost_usd of span.tta.inference is a double, not a int",
            "model of the metric tta_llm_cost_total is missing",
            "note.part of span.tta.agent is missing",
            "note.part of span.tta.call is missing",
            "retry.attempt of span.tta.block is missing",
            "span.tta.retrieval is sent as Client, not as Internal",
            "the event gen_ai.evaluation.result is missing",
            "the metric cache.hits is missing",
            "the metric tta_cache_entries is a gauge in 1, not a counter in 1",
        ]
    );
}
