//! The span attributes of the conventions for generative AI.

use std::borrow::Cow;

use opentelemetry::{KeyValue, StringValue, Value};

use super::record::SpanRecord;
use crate::model::{CallCost, ModelCall, PriceBasis, Usage, WorkflowRun};
use crate::schema::genai;
use crate::site::{Constants, Role};

/// Returns the attributes that all calls of a function share: the operation, and the name under the conventions' key.
pub(crate) fn of_site(constants: &Constants) -> impl Iterator<Item = KeyValue> {
    let operation = genai::operation(constants.primitive_type, constants.action);
    let name = match constants.role {
        Role::Workflow => Some(genai::WORKFLOW_NAME),
        Role::Agent => Some(genai::AGENT_NAME),
        Role::Tool => Some(genai::TOOL_NAME),
        Role::Model | Role::Retrieval | Role::Other => None,
    };
    let operation = operation.map(|operation| KeyValue::new(genai::OPERATION_NAME, operation));
    let name = name.map(|key| KeyValue::new(key, constants.name));
    let stream = streams(constants).then(|| KeyValue::new(genai::REQUEST_STREAM, true));
    operation.into_iter().chain(name).chain(stream)
}

/// Returns whether the function declares a streaming model call (action `stream`).
pub(crate) fn streams(constants: &Constants) -> bool {
    constants.role == Role::Model && constants.action == "stream"
}

/// Returns the attributes of a model call that are known at its start.
pub(crate) fn of_request(call: &ModelCall) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(8);
    if let Some(provider) = call.name.known_provider() {
        let convention = genai::provider(&provider).map_or_else(|| provider.clone(), Cow::Borrowed);
        attributes.push(KeyValue::new(genai::PROVIDER_NAME, convention));
        attributes.push(KeyValue::new("llm.provider", provider));
    }
    if let Some(model) = call.name.known_model() {
        attributes.push(KeyValue::new(genai::REQUEST_MODEL, model.clone()));
        attributes.push(KeyValue::new("llm.model_name", model));
    }
    attributes.extend(call.tier.clone().map(|tier| KeyValue::new("llm.model_tier", tier)));
    attributes
}

/// Returns the attributes of a cost that is known.
pub(super) fn of_cost(cost: &CallCost) -> impl Iterator<Item = KeyValue> {
    let usd = cost.known().map(|usd| ["llm.cost_usd", genai::USAGE_COST].map(|key| KeyValue::new(key, usd.to_usd())));
    usd.into_iter().flatten().chain(cost.basis().map(cost_basis))
}

/// Returns the attribute that says what a cost is based on.
pub(crate) fn cost_basis(basis: PriceBasis) -> KeyValue {
    KeyValue::new("llm.cost.basis", basis.as_str())
}

/// Returns the attributes of a workflow run: the sums over its model calls, none without such calls.
pub(super) fn of_run(run: &WorkflowRun) -> Vec<KeyValue> {
    let Some(basis) = run.cost().basis() else { return Vec::new() };
    let [input, output] = run.tokens();
    let tokens = [
        ("workflow.prompt_tokens", input),
        ("workflow.completion_tokens", output),
        ("workflow.total_tokens", input.saturating_add(output)),
    ];
    let tokens = tokens.map(|(key, tokens)| KeyValue::new(key, i64::try_from(tokens).unwrap_or(i64::MAX)));
    let cost = run.cost().known().map(|usd| KeyValue::new("workflow.cost_usd", usd.to_usd()));
    tokens.into_iter().chain(cost).chain([KeyValue::new("workflow.cost.basis", basis.as_str())]).collect()
}

/// Sets the attributes of the usage reported so far: the sum of the tokens, the cost, the latest response.
pub(crate) fn set_response(span: &mut SpanRecord, reported: &[Usage], cost: &CallCost) {
    let sum = |part: fn(&Usage) -> u64| {
        let sum = reported.iter().map(part).fold(0_u64, u64::saturating_add);
        i64::try_from(sum).unwrap_or(i64::MAX)
    };
    let (input, output) = (sum(|usage| usage.input_tokens), sum(|usage| usage.output_tokens));
    for (key, tokens) in [
        ("llm.prompt_tokens", input),
        ("llm.completion_tokens", output),
        ("llm.total_tokens", input.saturating_add(output)),
        (genai::USAGE_INPUT_TOKENS, input),
        (genai::USAGE_OUTPUT_TOKENS, output),
    ] {
        span.set(KeyValue::new(key, tokens));
    }
    for (key, tokens) in [
        (genai::USAGE_CACHE_READ, sum(|usage| usage.cached_input_tokens)),
        (genai::USAGE_CACHE_WRITE, sum(Usage::cache_write_tokens)),
        (genai::USAGE_REASONING, sum(|usage| usage.reasoning_tokens)),
        (genai::USAGE_IMAGE_INPUT, sum(|usage| usage.image_input_tokens.saturating_add(usage.cached_image_tokens))),
        (genai::USAGE_IMAGE_CACHE_READ, sum(|usage| usage.cached_image_tokens)),
        (genai::USAGE_IMAGE_OUTPUT, sum(|usage| usage.image_output_tokens)),
        (genai::USAGE_AUDIO_INPUT, sum(|usage| usage.audio_input_tokens.saturating_add(usage.cached_audio_tokens))),
        (genai::USAGE_AUDIO_CACHE_READ, sum(|usage| usage.cached_audio_tokens)),
        (genai::USAGE_AUDIO_OUTPUT, sum(|usage| usage.audio_output_tokens)),
    ] {
        if tokens > 0 {
            span.set(KeyValue::new(key, tokens));
        }
    }
    for attribute in of_cost(cost) {
        span.set(attribute);
    }
    let latest = |text: fn(&Usage) -> Option<&String>| reported.iter().rev().find_map(text);
    for (key, value) in [
        (genai::RESPONSE_MODEL, latest(|usage| usage.response_model.as_ref())),
        (genai::RESPONSE_ID, latest(|usage| usage.response_id.as_ref())),
    ] {
        if let Some(value) = value {
            span.set(KeyValue::new(key, value.clone()));
        }
    }
    if let Some(last) = reported.iter().rev().find(|usage| !usage.finish_reasons.is_empty()) {
        let reasons: Vec<StringValue> = last.finish_reasons.iter().map(|reason| reason.clone().into()).collect();
        span.set(KeyValue::new(genai::RESPONSE_FINISH_REASONS, Value::Array(reasons.into())));
    }
}
