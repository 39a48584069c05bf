//! A model call that another library reports by a `tracing` span with OpenTelemetry's fields, `gen_ai.*`.

use std::fmt;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Record};

use super::conventions;
use crate::clock::Monotonic;
use crate::llm::charging;
use crate::model::{InnerUsage, ModelCall, ModelName, NanoUsd, PriceBasis, Usage, WorkflowRun, is_same_model};
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::schema::{Id, genai};
use crate::span::{self, SpanError, SpanRecord};
use crate::workflow_attributes::WorkflowAttributes;

/// The operations that call a model and always have a response to tell of.
const GENERATIONS: &[&str] = &["chat", "generate_content", "text_completion"];

/// The operation that may succeed without a word about its response.
const EMBEDDINGS: &str = "embeddings";

/// The operations of the conventions that call no model themselves: usage on their spans is the sum of the calls inside.
const OTHERS: &[&str] = &[
    "create_agent",
    "execute_tool",
    "invoke_agent",
    "invoke_workflow",
    "plan",
    "retrieval",
    "search_memory",
    "upsert_memory",
];

/// The start of the fields that repeat the numbers of the call around.
pub(super) const USAGE: &str = "gen_ai.usage.";

/// A model call of another library, while its span is open.
pub(super) struct ForeignModelCall {
    recorder: &'static Recorder,
    workflow: Option<Arc<WorkflowAttributes>>,
    start: Monotonic,
    fields: Fields,
    /// The model call around, whose numbers are those of the calls inside it.
    around: Option<Around>,
    inner: Arc<InnerUsage>,
    /// The run that pays for the call.
    run: Option<Arc<WorkflowRun>>,
    /// An annotated call inside counts the call.
    is_annotated: bool,
}

/// A model call around a new span.
pub(super) struct CallAround {
    pub(super) usage: Arc<InnerUsage>,
    pub(super) name: ModelName,
    pub(super) is_embedding: bool,
}

impl CallAround {
    /// Returns whether a call inside is a part of this one: a call of the same kind to the same model, which has its price.
    fn has_as_part(&self, fields: &Fields) -> bool {
        let part = fields.name();
        let is_same = match (self.name.known_model(), part.known_model()) {
            (Some(model), Some(part_model)) => {
                is_same_model([&self.name.provider, &model], [&part.provider, &part_model])
            }
            _ => true,
        };
        self.is_embedding == fields.is_embedding() && is_same
    }
}

/// A model call around another one, which is a part of it.
struct Around {
    usage: Arc<InnerUsage>,
    part: usize,
    /// The call around has the usage of this part.
    has_usage: bool,
}

impl Around {
    fn new(usage: Arc<InnerUsage>) -> Self {
        let part = usage.begin_part();
        Self { usage, part, has_usage: false }
    }

    /// Reports the usage so far: the call around may end before the span of this one closes, as that of a stream does.
    fn report(&mut self, usages: Vec<Usage>) {
        let is_empty = usages.is_empty();
        self.has_usage |= self.usage.report(self.part, usages) && !is_empty;
    }
}

/// Returns whether a new span reports the sum of model calls that have spans of their own.
pub(super) fn sums_up(attributes: &Attributes<'_>) -> bool {
    if attributes.metadata().fields().field(genai::OPERATION_NAME).is_none() {
        return false;
    }
    let mut fields = Fields::default();
    attributes.record(&mut fields);
    fields.operation.is_some_and(|operation| OTHERS.contains(&&*operation))
}

impl ForeignModelCall {
    /// Opens the call that a new span reports; `None` if it reports none.
    pub(super) fn open(
        attributes: &Attributes<'_>,
        recorder: &'static Recorder,
        workflow: Option<Arc<WorkflowAttributes>>,
        around: impl FnOnce() -> Option<CallAround>,
    ) -> Option<Self> {
        let declared = attributes.metadata().fields();
        if declared.field(genai::OPERATION_NAME).is_none() && declared.field(genai::REQUEST_MODEL).is_none() {
            return None;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        fields.announces_response = [genai::RESPONSE_ID, genai::RESPONSE_MODEL, genai::USAGE_INPUT_TOKENS]
            .iter()
            .any(|name| declared.field(name).is_some());
        let is_model_call = match fields.operation.as_deref() {
            Some(operation) if GENERATIONS.contains(&operation) || operation == EMBEDDINGS => true,
            Some(operation) if OTHERS.contains(&operation) => false,
            // The operations of other libraries are known by their fields.
            _ => {
                declared.field(genai::REQUEST_MODEL).is_some()
                    && declared.iter().any(|field| field.name().starts_with(USAGE))
            }
        };
        if !is_model_call || !recorder.is_enabled() {
            return None;
        }
        let around = around().filter(|call| call.has_as_part(&fields)).map(|call| Around::new(call.usage));
        let start = recorder.clock.now();
        let mut call =
            Self { recorder, workflow, start, fields, around, inner: Arc::default(), run: None, is_annotated: false };
        if !call.is_inside() {
            call.begin_spending();
        }
        Some(call)
    }

    /// Returns this call for those inside it.
    pub(super) fn as_around(&self) -> CallAround {
        let usage = Arc::clone(&self.inner);
        CallAround { usage, name: self.fields.name(), is_embedding: self.fields.is_embedding() }
    }

    /// Returns whether the numbers of the call are those of the model call around.
    pub(super) fn is_inside(&self) -> bool {
        self.around.is_some()
    }

    /// Leaves the counting to an annotated call inside that opens, if it is the same call. Returns whether it is.
    pub(super) fn leave_to(&mut self, annotated: &Attributes<'_>) -> bool {
        let mut kind = AnnotatedKind::default();
        annotated.record(&mut kind);
        let is_same = if self.fields.is_embedding() { kind.is_embedding } else { kind.is_generation };
        self.is_annotated |= is_same;
        is_same
    }

    /// Reads fields that were recorded after the start.
    pub(super) fn record(&mut self, values: &Record<'_>) {
        values.record(&mut self.fields);
        if let Some(around) = self.around.as_mut().filter(|_| !self.is_annotated) {
            around.report(self.fields.usage.iter().map(|usage| self.fields.complete(usage.clone())).collect());
        }
    }

    /// Notes that an error happened inside the call.
    pub(super) fn fail(&mut self) {
        self.fields.error.get_or_insert_with(|| "error".to_owned());
    }

    /// Ends the call; `span` is its span, if it is recorded.
    pub(super) fn end(mut self, span: Option<&mut SpanRecord>) {
        if self.is_annotated {
            self.end_spending();
            return;
        }
        let inner = self.inner.end();
        let usages = self.fields.usage.clone().map_or(inner, |usage| vec![self.fields.complete(usage)]);
        if let Some(around) = &mut self.around {
            around.report(usages.clone());
            if around.has_usage || usages.is_empty() {
                return;
            }
            // The call around has ended before this one said what it used.
            self.begin_spending();
        }
        self.count(usages, span);
    }

    fn begin_spending(&mut self) {
        let run = self.workflow.as_ref().and_then(|workflow| workflow.run.as_ref());
        self.run = run.and_then(WorkflowRun::join);
        for ledger in self.workflow.iter().flat_map(|workflow| &workflow.ledgers) {
            ledger.begin_call();
        }
    }

    /// Ends the call for those who pay, as one that used nothing.
    fn end_spending(self) {
        if self.is_inside() {
            return;
        }
        if let Some(run) = &self.run {
            run.leave();
        }
        for ledger in self.workflow.iter().flat_map(|workflow| &workflow.ledgers) {
            ledger.end_call(PriceBasis::NoUsage, true);
        }
    }

    fn count(self, usages: Vec<Usage>, mut span: Option<&mut SpanRecord>) {
        let Self { recorder, workflow, start, fields, around, run, .. } = self;
        let at = recorder.clock.now();
        let name = fields.name();
        let mut call = ModelCall::new(name, None);
        call.run = run;
        call.span = span.as_deref().map(|span| span.ids);
        if let Some(span) = span.as_deref_mut() {
            for attribute in span::of_request(&call) {
                span.set(attribute);
            }
        }
        for usage in usages {
            charging::record_usage(recorder, &mut call, workflow.as_ref(), span.as_deref_mut(), usage);
        }
        #[cfg(feature = "page")]
        if recorder.keeps_usages()
            && let Some(span) = span.as_deref_mut()
        {
            span.keep_usages(&call.reported);
        }
        charging::count_by_price(recorder, &call, workflow.as_ref());
        let agent_run = workflow.as_ref().and_then(|workflow| workflow.agent_run.as_ref());
        // The call around was counted when it began.
        if let Some(agent_run) = agent_run.filter(|_| around.is_none() && !fields.is_embedding()) {
            agent_run.count_inference();
        }
        let error = fields.error(call.reported.is_empty());
        if let (Some(span), Some(error)) = (span, error) {
            span.error.get_or_insert_with(|| {
                Box::new(SpanError { kind: error.to_owned().into(), message: None, is_origin: true })
            });
        }
        let outcome = if error.is_some() { Outcome::Failure } else { Outcome::Success };
        let labels = [&*call.name.provider, &*call.name.model, outcome.as_str()];
        recorder.add_of(call.sampled(recorder), Id::LlmCalls, &labels, at.0.saturating_sub(start.0));
        let operation = fields.operation.as_deref().unwrap_or("chat");
        conventions::count(recorder, operation, &call, (start, at), error);
    }
}

/// Whether the span of an annotated call is that of a model call.
#[derive(Default)]
struct AnnotatedKind {
    is_generation: bool,
    is_embedding: bool,
}

impl Visit for AnnotatedKind {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "primitive.type" {
            self.is_generation = value == "llm";
            self.is_embedding = value == "embedding";
        }
    }
}

/// The fields of the span that describe the call.
#[derive(Default)]
struct Fields {
    operation: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    response_model: Option<String>,
    response_id: Option<String>,
    finish_reasons: Vec<String>,
    usage: Option<Usage>,
    error: Option<String>,
    /// The span has fields for the response, which a call that fails leaves empty.
    announces_response: bool,
}

impl Fields {
    fn name(&self) -> ModelName {
        ModelName::of_known(self.provider.clone().map(Into::into), self.model.clone().map(Into::into))
    }

    fn is_embedding(&self) -> bool {
        self.operation.as_deref() == Some(EMBEDDINGS)
    }

    /// Adds to a usage what the other fields say of the response.
    fn complete(&self, usage: Usage) -> Usage {
        let mut usage = usage.with_finish_reasons(self.finish_reasons.clone());
        usage.response_model.clone_from(&self.response_model);
        usage.response_id.clone_from(&self.response_id);
        usage
    }

    /// Returns the type of the error, if the call failed.
    fn error(&self, is_without_usage: bool) -> Option<&str> {
        // Libraries may say nothing of the response of other operations, also where they succeed.
        let is_generation = self.operation.as_deref().is_none_or(|operation| GENERATIONS.contains(&operation));
        let is_without_response = is_generation
            && self.announces_response
            && is_without_usage
            && self.response_id.is_none()
            && self.response_model.is_none()
            && self.finish_reasons.is_empty();
        self.error.as_deref().or(is_without_response.then_some("no_response"))
    }

    fn text(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = text.to_owned();
        match name {
            genai::OPERATION_NAME => self.operation = Some(text),
            // The name that the conventions had before.
            genai::PROVIDER_NAME | "gen_ai.system" => self.provider = Some(text),
            genai::REQUEST_MODEL => self.model = Some(text),
            genai::RESPONSE_MODEL => self.response_model = Some(text),
            genai::RESPONSE_ID => self.response_id = Some(text),
            genai::RESPONSE_FINISH_REASONS => {
                let reasons = text.trim_matches(['[', ']']).split(',');
                let reasons = reasons.map(|reason| reason.trim().trim_matches('"').to_owned());
                self.finish_reasons = reasons.filter(|reason| !reason.is_empty()).collect();
            }
            genai::ERROR_TYPE => self.error = Some(text),
            "otel.status_code" if text.eq_ignore_ascii_case("error") => {
                self.error.get_or_insert(text);
            }
            _ if name.starts_with(USAGE) => {
                if let Ok(number) = text.parse() {
                    self.number(name, number);
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, name: &str, number: f64) {
        let Some(kind) = name.strip_prefix(USAGE) else { return };
        let usage = self.usage.get_or_insert_default();
        let count = number.max(0.0) as u64;
        match kind {
            "input_tokens" | "prompt_tokens" => usage.input_tokens = count,
            "output_tokens" | "completion_tokens" => usage.output_tokens = count,
            "cache_read.input_tokens" | "cache_read_input_tokens" => usage.cached_input_tokens = count,
            "cache_write.input_tokens" | "cache_creation.input_tokens" | "cache_creation_input_tokens" => {
                usage.cache_write_5m_tokens = count;
            }
            "reasoning.output_tokens" | "reasoning_tokens" => usage.reasoning_tokens = count,
            "cost" => usage.cost = NanoUsd::from_usd(number),
            _ => {}
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        // The messages of a conversation are long, and say nothing about the call.
        let is_messages = name.ends_with(".messages");
        if !is_messages && (name.starts_with("gen_ai.") || [genai::ERROR_TYPE, "otel.status_code"].contains(&name)) {
            self.text(name, &format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), value as f64);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field.name(), value as f64);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field.name(), value);
    }
}

#[cfg(feature = "page")]
#[cfg(test)]
mod tests {
    use tracing_subscriber::prelude::*;

    use crate::testing::Recording;

    #[test]
    fn a_call_keeps_its_usage_for_comparisons_of_prices() {
        let recording = Recording::new();
        recording.recorder().keep_usages(true);
        let subscriber = tracing_subscriber::registry().with(crate::tracing_layer());
        tracing::subscriber::with_default(subscriber, || {
            recording.run(|| {
                tracing::info_span!(
                    "chat gpt-4o",
                    gen_ai.operation.name = "chat",
                    gen_ai.provider.name = "openai",
                    gen_ai.request.model = "gpt-4o",
                    gen_ai.usage.input_tokens = 10,
                    gen_ai.usage.output_tokens = 2,
                )
                .in_scope(|| {});
            });
        });
        let [span] = &mut *recording.recorder().spans.take_all() else { panic!("one span has ended") };
        let kept = span.rare.take().map(|rare| rare.usages).unwrap_or_default();
        assert_eq!(kept.iter().map(|usage| [usage.input_tokens, usage.output_tokens]).collect::<Vec<_>>(), [[10, 2]]);
    }
}
