//! The attributes of the conventions for generative AI: of which calls, and where their values come from.

use super::attribute::AttributeType::{Any, Boolean, Double, Int, Text, Texts};
use super::attribute::{Attribute, row};
use super::genai as names;

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
pub(crate) const GENAI_ATTRIBUTES: &[Attribute] = &[
    row(names::OPERATION_NAME, "all; metrics", Text, "if the operation has a name in them", "`type` and `action`"),
    row(
        names::PROVIDER_NAME,
        "inference, embeddings; metrics",
        Text,
        "required",
        "`provider`, or that of the workflow",
    ),
    row(names::REQUEST_MODEL, "inference, embeddings; metrics", Text, IF_SET, "`model`, or that of the workflow"),
    row(names::REQUEST_STREAM, INFERENCE, Boolean, "if it streams", "action `stream`, or a returned stream"),
    row(names::REQUEST_TEMPERATURE, INFERENCE, Double, RECOMMENDED, REQUEST),
    row(names::REQUEST_MAX_TOKENS, INFERENCE, Int, RECOMMENDED, REQUEST),
    row(names::REQUEST_TOP_P, INFERENCE, Double, RECOMMENDED, REQUEST),
    row(names::REQUEST_TOP_K, INFERENCE, Double, "if applicable", REQUEST),
    row(names::REQUEST_SEED, INFERENCE, Int, "if the request has one", REQUEST),
    row(names::REQUEST_CHOICE_COUNT, INFERENCE, Int, "unless it is 1", REQUEST),
    row(names::REQUEST_STOP_SEQUENCES, INFERENCE, Texts, RECOMMENDED, REQUEST),
    row(names::REQUEST_FREQUENCY_PENALTY, INFERENCE, Double, RECOMMENDED, REQUEST),
    row(names::REQUEST_PRESENCE_PENALTY, INFERENCE, Double, RECOMMENDED, REQUEST),
    row(names::REQUEST_REASONING_LEVEL, INFERENCE, Text, IF_SET, REQUEST),
    row(names::OUTPUT_TYPE, INFERENCE, Text, "if the request has a format", REQUEST),
    row(names::REQUEST_ENCODING_FORMATS, "embeddings", Texts, RECOMMENDED, REQUEST),
    row(names::EMBEDDINGS_DIMENSION_COUNT, "embeddings", Int, RECOMMENDED, REQUEST),
    row(names::REQUEST_PREVIOUS_RESPONSE_ID, INFERENCE, Text, "if the request has one", REQUEST),
    row(names::PROMPT_NAME, INFERENCE, Text, "if a named prompt is used", REQUEST_OR_OWN),
    row(names::PROMPT_VERSION, INFERENCE, Text, "with the name", REQUEST_OR_OWN),
    row(names::RESPONSE_MODEL, "inference, embeddings; metrics", Text, RECOMMENDED, USAGE),
    row(names::RESPONSE_ID, MODELS, Text, RECOMMENDED, USAGE),
    row(names::RESPONSE_FINISH_REASONS, INFERENCE, Texts, RECOMMENDED, USAGE),
    row(
        names::RESPONSE_TIME_TO_FIRST_CHUNK,
        INFERENCE,
        Double,
        "if it streams",
        "seconds until the first content of the stream",
    ),
    row(names::USAGE_INPUT_TOKENS, MODELS, Int, RECOMMENDED, USAGE),
    row(names::USAGE_OUTPUT_TOKENS, MODELS, Int, RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_READ, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_WRITE, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_CACHE_CREATION, INFERENCE, Int, "older name", "`TTA_COMPATIBILITY`"),
    row(names::USAGE_REASONING, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_INPUT, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_CACHE_READ, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_IMAGE_OUTPUT, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_INPUT, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_CACHE_READ, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_AUDIO_OUTPUT, INFERENCE, Int, RECOMMENDED, USAGE),
    row(names::USAGE_COST, MODELS, Double, "not in them", "US dollars: the usage and the price"),
    row(names::TOKEN_TYPE, "metrics (`otel_token_usage`)", Text, "required", USAGE),
    row(names::TOKEN_MODALITY, "metrics", Text, "required", "`audio` where it is reported, or else `unknown`"),
    row(names::SYSTEM_INSTRUCTIONS, INFERENCE, Any, OPT_IN, CONTENT),
    row(names::INPUT_MESSAGES, "inference, agents, workflows", Any, OPT_IN, CONTENT),
    row(names::OUTPUT_MESSAGES, "inference, agents, workflows", Any, OPT_IN, CONTENT),
    row(
        names::TOOL_DEFINITIONS,
        "inference, agents",
        Any,
        OPT_IN,
        "`llm::request`, the key `request` or `llm::content`, where content is wanted",
    ),
    row(names::TOOL_CALL_ARGUMENTS, "tools", Any, OPT_IN, CONTENT),
    row(names::TOOL_CALL_RESULT, "tools", Any, OPT_IN, CONTENT),
    row(names::RETRIEVAL_DOCUMENTS, "retrieval", Any, OPT_IN, CONTENT),
    row(
        names::AGENT_NAME,
        "agents, inference; metrics",
        Text,
        IF_SET,
        "`name`, or the function's; of inference the request",
    ),
    row(names::TOOL_NAME, "tools, MCP; metrics", Text, "required", "`name`, or the function's; `mcp::Message`"),
    row(names::WORKFLOW_NAME, "workflows; metrics", Text, IF_SET, "`name`, or the function's"),
    row(
        names::CONVERSATION_ID,
        "all",
        Text,
        IF_SET,
        "the request, `attributes(…)`, or the session of the `WorkflowContext`",
    ),
    row(names::ERROR_TYPE, "all, blocks; metrics", Text, "on errors", "the type of the error"),
    row(names::MCP_METHOD_NAME, MCP, Text, "required", MESSAGE),
    row(names::MCP_RESOURCE_URI, "MCP", Text, "if the message has one", MESSAGE),
    row(names::JSONRPC_REQUEST_ID, "MCP", Text, "of requests", MESSAGE),
    row(names::RPC_STATUS_CODE, "MCP", Text, "if the answer has one", "`mcp::Fault`"),
    row(names::MCP_SESSION_ID, "MCP", Text, RECOMMENDED, SESSION),
    row(names::MCP_PROTOCOL_VERSION, MCP, Text, RECOMMENDED, SESSION),
    row(names::NETWORK_TRANSPORT, MCP, Text, RECOMMENDED, SESSION),
    row(names::EVALUATION_NAME, "the event `gen_ai.evaluation.result`", Text, "required", "`llm::evaluation`"),
    row(names::EVALUATION_SCORE_VALUE, "the same", Double, IF_SET, "`llm::evaluation`"),
    row(names::EVALUATION_SCORE_LABEL, "the same", Text, IF_SET, "`llm::evaluation`"),
    row(names::EVALUATION_EXPLANATION, "the same", Text, RECOMMENDED, "`llm::evaluation`"),
    row(names::SERVER_ADDRESS, "all", Text, RECOMMENDED, OWN),
    row(names::SERVER_PORT, "all", Int, "with the address", OWN),
    row(names::DATA_SOURCE_ID, "retrieval, agents", Text, "if applicable", OWN),
    row("gen_ai.retrieval.top_k", "retrieval", Int, RECOMMENDED, OWN),
    row("gen_ai.retrieval.query.text", "retrieval", Text, OPT_IN, OWN),
    row(names::AGENT_ID, "agents, inference", Text, "if applicable", REQUEST_OR_OWN),
    row(names::AGENT_VERSION, "agents, inference", Text, IF_SET, REQUEST_OR_OWN),
    row("gen_ai.agent.description", "agents", Text, IF_SET, OWN),
    row("gen_ai.tool.call.id", "tools", Text, IF_SET, OWN),
    row("gen_ai.tool.type", "tools", Text, IF_SET, OWN),
    row("gen_ai.tool.description", "tools", Text, IF_SET, OWN),
    row("gen_ai.memory.store.id", "memory", Text, "if applicable", OWN),
];
