//! The rows of docs/genai.md: each attribute and each metric of the conventions, and where its value comes from.

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::expect_file;

use super::View;
use crate::schema::genai as names;

/// An attribute of the conventions.
struct Attribute {
    name: &'static str,
    /// The spans, and whether also metrics, that have it.
    of: &'static str,
    kind: &'static str,
    /// The conventions' requirement level.
    level: &'static str,
    source: &'static str,
}

const fn row(
    name: &'static str,
    of: &'static str,
    kind: &'static str,
    level: &'static str,
    source: &'static str,
) -> Attribute {
    Attribute { name, of, kind, level, source }
}

const MODELS: &str = "inference, embeddings";
const INFERENCE: &str = "inference";
const REQUEST: &str = "`llm::request`, the key `request`";
const MCP: &str = "MCP; metrics";
const MESSAGE: &str = "`mcp::Message`";
const SESSION: &str = "`mcp::Session`";
const REQUEST_OR_OWN: &str = "the request, or `attributes(…)` of the function";
const USAGE: &str = "the reported usage";
const CONTENT: &str = "`llm::content`, where content is wanted";
const OWN: &str = "`attributes(…)` of the function";
const IF_SET: &str = "if available";
const RECOMMENDED: &str = "recommended";
const OPT_IN: &str = "opt-in";

/// The attributes that the library sets, then those that programs set themselves.
const ATTRIBUTES: &[Attribute] = &[
    row(names::OPERATION_NAME, "all; metrics", "string", "required", "`type` and `action`"),
    row(
        names::PROVIDER_NAME,
        "inference, embeddings; metrics",
        "string",
        "required",
        "`provider`, or that of the workflow",
    ),
    row(names::REQUEST_MODEL, "inference, embeddings; metrics", "string", IF_SET, "`model`, or that of the workflow"),
    row(names::REQUEST_STREAM, INFERENCE, "boolean", "if it streams", "action `stream`, or a returned stream"),
    row(names::REQUEST_TEMPERATURE, INFERENCE, "double", RECOMMENDED, REQUEST),
    row(names::REQUEST_MAX_TOKENS, INFERENCE, "int", RECOMMENDED, REQUEST),
    row(names::REQUEST_TOP_P, INFERENCE, "double", RECOMMENDED, REQUEST),
    row(names::REQUEST_TOP_K, INFERENCE, "double", "if applicable", REQUEST),
    row(names::REQUEST_SEED, INFERENCE, "int", "if the request has one", REQUEST),
    row(names::REQUEST_CHOICE_COUNT, INFERENCE, "int", "unless it is 1", REQUEST),
    row(names::REQUEST_STOP_SEQUENCES, INFERENCE, "string[]", RECOMMENDED, REQUEST),
    row(names::REQUEST_FREQUENCY_PENALTY, INFERENCE, "double", RECOMMENDED, REQUEST),
    row(names::REQUEST_PRESENCE_PENALTY, INFERENCE, "double", RECOMMENDED, REQUEST),
    row(names::REQUEST_REASONING_LEVEL, INFERENCE, "string", IF_SET, REQUEST),
    row(names::OUTPUT_TYPE, INFERENCE, "string", "if the request has a format", REQUEST),
    row(names::REQUEST_ENCODING_FORMATS, "embeddings", "string[]", RECOMMENDED, REQUEST),
    row(names::EMBEDDINGS_DIMENSION_COUNT, "embeddings", "int", RECOMMENDED, REQUEST),
    row(names::REQUEST_PREVIOUS_RESPONSE_ID, INFERENCE, "string", "if the request has one", REQUEST),
    row(names::PROMPT_NAME, INFERENCE, "string", "if a named prompt is used", REQUEST_OR_OWN),
    row(names::PROMPT_VERSION, INFERENCE, "string", "with the name", REQUEST_OR_OWN),
    row(names::RESPONSE_MODEL, "inference, embeddings; metrics", "string", RECOMMENDED, USAGE),
    row(names::RESPONSE_ID, INFERENCE, "string", RECOMMENDED, USAGE),
    row(names::RESPONSE_FINISH_REASONS, INFERENCE, "string[]", RECOMMENDED, USAGE),
    row(
        names::RESPONSE_TIME_TO_FIRST_CHUNK,
        INFERENCE,
        "double (s)",
        "if it streams",
        "the first content of the stream",
    ),
    row(names::USAGE_INPUT_TOKENS, MODELS, "int", RECOMMENDED, USAGE),
    row(names::USAGE_OUTPUT_TOKENS, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_READ, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_WRITE, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_CREATION, INFERENCE, "int", "older name", "`TTA_COMPATIBILITY`"),
    row(names::USAGE_REASONING, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_INPUT, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_CACHE_READ, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_OUTPUT, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_INPUT, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_CACHE_READ, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_OUTPUT, INFERENCE, "int", RECOMMENDED, USAGE),
    row(names::USAGE_COST, MODELS, "double (USD)", "not in them", "the usage and the price"),
    row(names::TOKEN_TYPE, "metrics (`otel_token_usage`)", "string", "required", USAGE),
    row(names::TOKEN_MODALITY, "metrics", "string", "required", "`audio` where it is reported, or else `unknown`"),
    row(names::SYSTEM_INSTRUCTIONS, INFERENCE, "any", OPT_IN, CONTENT),
    row(names::INPUT_MESSAGES, "inference, agents, workflows", "any", OPT_IN, CONTENT),
    row(names::OUTPUT_MESSAGES, "inference, agents, workflows", "any", OPT_IN, CONTENT),
    row(names::TOOL_DEFINITIONS, "inference, agents", "any", OPT_IN, CONTENT),
    row(names::TOOL_CALL_ARGUMENTS, "tools", "any", OPT_IN, CONTENT),
    row(names::TOOL_CALL_RESULT, "tools", "any", OPT_IN, CONTENT),
    row(names::AGENT_NAME, "agents; metrics", "string", IF_SET, "`name`, or the function's"),
    row(names::TOOL_NAME, "tools, MCP; metrics", "string", "required", "`name`, or the function's; `mcp::Message`"),
    row(names::WORKFLOW_NAME, "workflows; metrics", "string", IF_SET, "`name`, or the function's"),
    row(
        names::CONVERSATION_ID,
        "all",
        "string",
        IF_SET,
        "the request, `attributes(…)`, or the session of the `WorkflowContext`",
    ),
    row(names::ERROR_TYPE, "all; metrics of models", "string", "on errors", "the type of the error"),
    row(names::MCP_METHOD_NAME, MCP, "string", "required", MESSAGE),
    row(names::MCP_RESOURCE_URI, "MCP", "string", "if the message has one", MESSAGE),
    row(names::JSONRPC_REQUEST_ID, "MCP", "string", "of requests", MESSAGE),
    row(names::RPC_STATUS_CODE, "MCP", "string", "if the answer has one", "`mcp::Fault`"),
    row(names::MCP_SESSION_ID, "MCP", "string", RECOMMENDED, SESSION),
    row(names::MCP_PROTOCOL_VERSION, MCP, "string", RECOMMENDED, SESSION),
    row(names::NETWORK_TRANSPORT, MCP, "string", RECOMMENDED, SESSION),
    row(names::EVALUATION_NAME, "the event `gen_ai.evaluation.result`", "string", "required", "`llm::evaluation`"),
    row(names::EVALUATION_SCORE_VALUE, "the same", "double", IF_SET, "`llm::evaluation`"),
    row(names::EVALUATION_SCORE_LABEL, "the same", "string", IF_SET, "`llm::evaluation`"),
    row(names::EVALUATION_EXPLANATION, "the same", "string", RECOMMENDED, "`llm::evaluation`"),
    row(names::SERVER_ADDRESS, "all", "string", RECOMMENDED, OWN),
    row(names::SERVER_PORT, "all", "int", "with the address", OWN),
    row(names::DATA_SOURCE_ID, "retrieval, agents", "string", "if applicable", OWN),
    row("gen_ai.retrieval.top_k", "retrieval", "int", RECOMMENDED, OWN),
    row("gen_ai.retrieval.query.text", "retrieval", "string", OPT_IN, OWN),
    row("gen_ai.agent.id", "agents", "string", "if applicable", OWN),
    row("gen_ai.agent.version", "agents", "string", IF_SET, OWN),
    row("gen_ai.agent.description", "agents", "string", IF_SET, OWN),
    row("gen_ai.tool.call.id", "tools", "string", IF_SET, OWN),
    row("gen_ai.tool.type", "tools", "string", IF_SET, OWN),
    row("gen_ai.tool.description", "tools", "string", IF_SET, OWN),
    row("gen_ai.memory.store.id", "memory", "string", "if applicable", OWN),
];

const HEAD: &str = "\
# OpenTelemetry's conventions for generative AI

Pinned to commit `066d4a7f356f` of `open-telemetry/semantic-conventions-genai` (October 2026) and to the core conventions 1.44.0, whose
schema traces and metrics name. The conventions are in development: `otel` has the names of metrics that most backends know, `otel_latest`
(`OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`) the newest ones. A test writes this page from the rows in
`tta-runtime/src/snapshot/view/genai_page.rs` and from the views.

## Attributes

The requirement level is the conventions'. A program sets the attributes of the last rows itself, under these names, as in
`attributes(\"server.address\" = host, \"server.port\" = 443)`; a sampler sees them.

| attribute | of | type | level | source |
| --- | --- | --- | --- | --- |
";

/// Metrics of the conventions that are not recorded, and why.
const MISSING: &str = "
Not recorded: the tokens of text as such (`gen_ai.usage.text.…`, which no provider reports for all of its models), `gen_ai.invoke_agent.inference_calls` and `….tool_calls`, the metrics of model
servers and of MCP sessions.
The durations of tools, agents and workflows have no `error.type`: their outcomes are in `primitive.execution.count`.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for Attribute { name, of, kind, level, source } in ATTRIBUTES {
        writeln!(page, "| `{name}` | {of} | {kind} | {level} | {source} |").unwrap();
    }
    page += "\n## Metrics\n\n| metric | unit | views | attributes |\n| --- | --- | --- | --- |\n";
    page + &metrics() + MISSING
}

fn metrics() -> String {
    const VIEWS: [View; 3] = [View::Otel, View::OtelLatest, View::OtelTokenUsage];
    let mut known = BTreeSet::new();
    let mut rows = String::new();
    for instrument in VIEWS.iter().flat_map(|view| view.instruments()) {
        if ["gen_ai.", "mcp."].iter().any(|prefix| instrument.name.starts_with(prefix)) && known.insert(instrument.name)
        {
            let has = |view: &&View| view.instruments().any(|other| other.name == instrument.name);
            let views: Vec<_> = VIEWS.iter().filter(has).map(|view| format!("`{}`", view.as_str())).collect();
            let labels: Vec<_> = instrument.label_names().iter().map(|label| format!("`{label}`")).collect();
            let (name, unit) = (instrument.name, instrument.unit);
            writeln!(rows, "| `{name}` | {unit} | {} | {} |", views.join(", "), labels.join(", ")).unwrap();
        }
    }
    rows
}

#[test]
fn the_page_has_the_rows() {
    expect_file!["../../../../docs/genai.md"].assert_eq(&page());
}

#[test]
fn every_attribute_of_the_schema_has_a_row() {
    let source = include_str!("../../schema/genai.rs");
    let texts: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub(crate) const ")?.split_once("&str = \"")?.1.strip_suffix("\";"))
        .filter(|text| text.contains('.') && !text.contains('/'))
        .collect();
    let events = [names::OPERATION_DETAILS, names::EVALUATION_RESULT];
    let rows: BTreeSet<&str> = ATTRIBUTES.iter().map(|attribute| attribute.name).chain(events).collect();
    assert!(texts.len() > 40, "{texts:?}");
    assert_eq!(texts.difference(&rows).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(rows.len(), ATTRIBUTES.len() + events.len(), "each once");
}
