//! The attributes of spans, events and the resource, each as a row.

use super::attribute::AttributeType::{Boolean, Double, Int, Text};
use super::attribute::{Attribute, row};
use super::genai_attributes::GENAI_ATTRIBUTES;

/// Returns all attributes: those of the conventions for generative AI first.
///
/// A program adds attributes of its own with the key `attributes` and with tags of a `WorkflowContext`, and its resource may have any.
///
/// ```
/// use tta_runtime::schema::{AttributeType, attributes};
///
/// let found = attributes().find(|attribute| attribute.name == "retry.attempt").unwrap();
/// assert_eq!((found.of, found.kind), ("blocks", AttributeType::Int));
/// ```
pub fn attributes() -> impl Iterator<Item = &'static Attribute> {
    GENAI_ATTRIBUTES.iter().chain(OWN)
}

const CALLS: &str = "calls";
const ALL: &str = "calls, blocks";
const MODELS: &str = "inference, embeddings";
const WORKFLOWS: &str = "workflows";
const BLOCKS: &str = "blocks";
const HTTP: &str = "HTTP";
const PROCESS: &str = "resource";
const ERRORS: &str = "exception";
const RECOMMENDED: &str = "recommended";
const NOT_IN_THEM: &str = "not in them";
const USAGE: &str = "the reported usage";
const COMPATIBILITY: &str = "`TTA_COMPATIBILITY`";

/// Attributes that are not of the conventions for generative AI.
const OWN: &[Attribute] = &[
    row("primitive.name", ALL, Text, NOT_IN_THEM, "`name`, or the function's"),
    row("primitive.type", ALL, Text, NOT_IN_THEM, "`type`"),
    row("primitive.action", CALLS, Text, NOT_IN_THEM, "`action`"),
    row("primitive.parent", ALL, Text, NOT_IN_THEM, "the name of the call around it"),
    row(
        "primitive.wrapper",
        BLOCKS,
        Boolean,
        NOT_IN_THEM,
        "true for a block around one piece of work, which a viewer can fold",
    ),
    row("code.function.name", CALLS, Text, RECOMMENDED, "the function's path"),
    row("code.file.path", CALLS, Text, RECOMMENDED, "the function's file"),
    row("code.line.number", CALLS, Int, RECOMMENDED, "the function's line"),
    row("execution.duration_ms", ALL, Double, NOT_IN_THEM, "milliseconds from the start to the end"),
    row("execution.status", ALL, Text, NOT_IN_THEM, "`success`, `failure`, `timeout`, `cancelled` or `panicked`"),
    row("error.message", ALL, Text, RECOMMENDED, "the error's message"),
    row("workflow.id", ALL, Text, NOT_IN_THEM, "the `WorkflowContext`"),
    row("workflow.name", ALL, Text, NOT_IN_THEM, "the workflow around the call"),
    row("session.id", ALL, Text, RECOMMENDED, "the `WorkflowContext`"),
    row("correlation.id", ALL, Text, NOT_IN_THEM, "the `WorkflowContext`"),
    row("causation.id", ALL, Text, NOT_IN_THEM, "the identifier of the parent span, or the `WorkflowContext`"),
    row("agent.id", ALL, Text, NOT_IN_THEM, "the `WorkflowContext`"),
    row("agent.type", ALL, Text, NOT_IN_THEM, "the `WorkflowContext`"),
    row("workflow.prompt_tokens", WORKFLOWS, Int, NOT_IN_THEM, "the input tokens of all model calls inside"),
    row("workflow.completion_tokens", WORKFLOWS, Int, NOT_IN_THEM, "the output tokens of all model calls inside"),
    row("workflow.total_tokens", WORKFLOWS, Int, NOT_IN_THEM, "the sum of both"),
    row("workflow.cost_usd", WORKFLOWS, Double, NOT_IN_THEM, "US dollars of all model calls inside"),
    row("workflow.cost.basis", WORKFLOWS, Text, NOT_IN_THEM, "how that cost is known"),
    row("llm.provider", MODELS, Text, NOT_IN_THEM, "`provider`, or that of the workflow"),
    row("llm.model_name", MODELS, Text, NOT_IN_THEM, "`model`, or that of the workflow"),
    row("llm.model_tier", MODELS, Text, NOT_IN_THEM, "`tier`"),
    row("llm.streaming", "inference", Boolean, NOT_IN_THEM, "whether the answer is a stream"),
    row("llm.prompt_tokens", MODELS, Int, NOT_IN_THEM, USAGE),
    row("llm.completion_tokens", MODELS, Int, NOT_IN_THEM, USAGE),
    row("llm.total_tokens", MODELS, Int, NOT_IN_THEM, USAGE),
    row("llm.cost_usd", MODELS, Double, NOT_IN_THEM, "US dollars: the usage and the price"),
    row("llm.cost.basis", MODELS, Text, NOT_IN_THEM, "how the cost is known"),
    row("branch.index", BLOCKS, Int, NOT_IN_THEM, "`Parallel`"),
    row("branch.total_branches", BLOCKS, Int, NOT_IN_THEM, "`Parallel`"),
    row("budget.name", BLOCKS, Text, NOT_IN_THEM, "`Budget`"),
    row("budget.reserved_usd", BLOCKS, Double, NOT_IN_THEM, "`Budget`"),
    row("budget.reserved_tokens", BLOCKS, Int, NOT_IN_THEM, "`Budget`"),
    row("budget.reserved_requests", BLOCKS, Int, NOT_IN_THEM, "`Budget`"),
    row("budget.spent_usd", BLOCKS, Double, NOT_IN_THEM, "`Budget`"),
    row("budget.spent_tokens", BLOCKS, Int, NOT_IN_THEM, "`Budget`"),
    row("budget.spent_requests", BLOCKS, Int, NOT_IN_THEM, "`Budget`"),
    row("cache.type", BLOCKS, Text, NOT_IN_THEM, "`Cache`: the tier"),
    row("cache.hit", BLOCKS, Boolean, NOT_IN_THEM, "`Cache`"),
    row("cache.age_seconds", BLOCKS, Double, NOT_IN_THEM, "`Cache`: the age of the entry"),
    row("circuit_breaker.state", BLOCKS, Text, NOT_IN_THEM, "`CircuitBreaker`"),
    row("fallback.used", BLOCKS, Text, NOT_IN_THEM, "`Fallback`"),
    row("retry.attempt", BLOCKS, Int, NOT_IN_THEM, "`Retry`: the number of the attempt"),
    row("retry.max_attempts", BLOCKS, Int, NOT_IN_THEM, "`Retry`"),
    row("retry.backoff_ms", BLOCKS, Int, NOT_IN_THEM, "`Retry`: milliseconds before the attempt"),
    row("route.key", BLOCKS, Text, NOT_IN_THEM, "`Router`, `Conditional`, `Switch`"),
    row("route.reason", BLOCKS, Text, NOT_IN_THEM, "`Router`"),
    row("step.index", BLOCKS, Int, NOT_IN_THEM, "`Sequential`, `Saga`"),
    row("step.name", BLOCKS, Text, NOT_IN_THEM, "`Sequential`, `Saga`"),
    row("step.total_steps", BLOCKS, Int, NOT_IN_THEM, "`Sequential`, `Saga`"),
    row("timeout.limit_ms", BLOCKS, Int, NOT_IN_THEM, "`Timeout`: milliseconds"),
    row("http.request.method", HTTP, Text, "required", "the layers of `tower`"),
    row("http.route", HTTP, Text, "if available", "the layers of `tower`"),
    row("http.response.status_code", HTTP, Int, "if there is one", "the layers of `tower`"),
    row("url.template", HTTP, Text, "opt-in", "the layers of `tower`"),
    row("exception.type", ERRORS, Text, "required", "the type of the error"),
    row("exception.message", ERRORS, Text, RECOMMENDED, "the error's message"),
    row("openinference.span.kind", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("input.value", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("input.mime_type", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("output.value", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("output.mime_type", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("llm.token_count.completion_details.reasoning", "inference", Int, NOT_IN_THEM, COMPATIBILITY),
    row("llm.token_count.prompt_details.audio", "inference", Int, NOT_IN_THEM, COMPATIBILITY),
    row("llm.token_count.completion_details.audio", "inference", Int, NOT_IN_THEM, COMPATIBILITY),
    row("mlflow.spanType", ALL, Text, NOT_IN_THEM, COMPATIBILITY),
    row("service.name", PROCESS, Text, "required", "`Builder::service_name`, `OTEL_SERVICE_NAME`"),
    row("service.version", PROCESS, Text, RECOMMENDED, "`Builder::service_version`"),
    row("service.instance.id", PROCESS, Text, RECOMMENDED, "a random UUID of the process"),
    row("process.pid", PROCESS, Int, RECOMMENDED, "the process"),
    row("host.name", PROCESS, Text, RECOMMENDED, "the machine"),
    row("telemetry.sdk.name", PROCESS, Text, "required", "the SDK of OpenTelemetry that the resource is built with"),
    row("telemetry.sdk.language", PROCESS, Text, "required", "`rust`"),
    row("telemetry.sdk.version", PROCESS, Text, "required", "the version of that SDK"),
    row("telemetry.distro.name", PROCESS, Text, RECOMMENDED, "`tta`"),
    row("telemetry.distro.version", PROCESS, Text, RECOMMENDED, "the version of this library"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::attributes;

    /// Keys that are set on spans of `tracing` alone, or on events of the program.
    const OF_TRACING: [&str; 2] = ["level", "target"];

    #[test]
    fn every_key_that_the_sources_set_has_one_row() {
        let rows: Vec<&str> = attributes().map(|attribute| attribute.name).collect();
        let known: BTreeSet<&str> = rows.iter().copied().collect();
        assert_eq!(rows.len(), known.len(), "each once");
        let mut set = BTreeSet::new();
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            // The examples of the documentation set keys of a program.
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let code = code.concat();
            for begin in ["KeyValue::new(", "attributes.set(", "to.text("] {
                let literals = code.split(begin).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
                set.extend(literals.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
        let unknown: Vec<_> =
            set.iter().filter(|key| !known.contains(key.as_str()) && !OF_TRACING.contains(&key.as_str())).collect();
        assert_eq!(unknown, Vec::<&String>::new());
        assert!(set.len() > 20, "{set:?}");
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut found = Vec::new();
        for path in entries {
            let is_source = path.extension().is_some_and(|extension| extension == "rs");
            if path.is_dir() {
                found.extend(sources(&path));
            } else if is_source && !path.ends_with("tests.rs") {
                found.push(path);
            }
        }
        found
    }
}
