//! The names in OpenTelemetry's conventions for generative AI.
//!
//! Pinned to commit `066d4a7f356f` of `open-telemetry/semantic-conventions-genai` (October 2026), which has metrics of its own
//! for inference, and to the core conventions 1.44.0. Their status is "development": adopt a newer state here and in the view
//! `otel_latest`, row by row, and nowhere else; the names of providers stand in [`providers`](super::providers).

use super::providers::Provider;

/// The schema of what is exported: that of the core conventions, whose names spans and metrics use beside those here. The
/// conventions for generative AI have no schema with a stable address yet.
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";

/// The operation of the call: one of the values of [`operation`].
pub(crate) const OPERATION_NAME: &str = "gen_ai.operation.name";
/// The provider of the model: the conventions' name in [`PROVIDERS`](super::providers::PROVIDERS) if listed there.
pub(crate) const PROVIDER_NAME: &str = "gen_ai.provider.name";
pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(crate) const REQUEST_STREAM: &str = "gen_ai.request.stream";
pub(crate) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub(crate) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub(crate) const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
/// A double, although every API has whole numbers.
pub(crate) const REQUEST_TOP_K: &str = "gen_ai.request.top_k";
pub(crate) const REQUEST_SEED: &str = "gen_ai.request.seed";
/// The number of answers, unless it is 1.
pub(crate) const REQUEST_CHOICE_COUNT: &str = "gen_ai.request.choice.count";
pub(crate) const REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";
pub(crate) const REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";
pub(crate) const REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";
pub(crate) const REQUEST_REASONING_LEVEL: &str = "gen_ai.request.reasoning.level";
pub(crate) const REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";
pub(crate) const EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";
/// The response on which a request builds, where the provider keeps the conversation.
pub(crate) const REQUEST_PREVIOUS_RESPONSE_ID: &str = "gen_ai.request.previous_response.id";
/// A prompt that the provider, or a tool for prompts, keeps under this name.
pub(crate) const PROMPT_NAME: &str = "gen_ai.prompt.name";
pub(crate) const PROMPT_VERSION: &str = "gen_ai.prompt.version";
/// `text`, `json`, `image` or `speech`.
pub(crate) const OUTPUT_TYPE: &str = "gen_ai.output.type";
/// What a retrieval searches.
pub(crate) const DATA_SOURCE_ID: &str = "gen_ai.data_source.id";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
/// An array, one entry for each choice.
pub(crate) const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Seconds.
pub(crate) const RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
/// Cached tokens included.
pub(crate) const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// Tokens of reasoning included.
pub(crate) const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(crate) const USAGE_CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
pub(crate) const USAGE_CACHE_WRITE: &str = "gen_ai.usage.cache_write.input_tokens";
/// The name of [`USAGE_CACHE_WRITE`] in earlier states of the conventions.
pub(crate) const USAGE_CACHE_CREATION: &str = "gen_ai.usage.cache_creation.input_tokens";
pub(crate) const USAGE_REASONING: &str = "gen_ai.usage.reasoning.output_tokens";
/// Tokens of images, cached ones included, and so for audio below. The conventions name no tokens of videos.
pub(crate) const USAGE_IMAGE_INPUT: &str = "gen_ai.usage.image.input_tokens";
pub(crate) const USAGE_IMAGE_CACHE_READ: &str = "gen_ai.usage.image.cache_read.input_tokens";
pub(crate) const USAGE_IMAGE_OUTPUT: &str = "gen_ai.usage.image.output_tokens";
pub(crate) const USAGE_AUDIO_INPUT: &str = "gen_ai.usage.audio.input_tokens";
pub(crate) const USAGE_AUDIO_CACHE_READ: &str = "gen_ai.usage.audio.cache_read.input_tokens";
pub(crate) const USAGE_AUDIO_OUTPUT: &str = "gen_ai.usage.audio.output_tokens";
/// US dollars. Not in the conventions; Langfuse and `OpenLIT` read it.
pub(crate) const USAGE_COST: &str = "gen_ai.usage.cost";
pub(crate) const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
pub(crate) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(crate) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
/// The tools that a request offers.
pub(crate) const TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";
pub(crate) const TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
pub(crate) const TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";
/// The documents that a retrieval found, each an object with an `id` and a `score`.
pub(crate) const RETRIEVAL_DOCUMENTS: &str = "gen_ai.retrieval.documents";
/// The attributes that hold content, as JSON: recorded only where it is wanted.
pub(crate) const CONTENT: [&str; 7] = [
    SYSTEM_INSTRUCTIONS,
    INPUT_MESSAGES,
    OUTPUT_MESSAGES,
    TOOL_DEFINITIONS,
    TOOL_CALL_ARGUMENTS,
    TOOL_CALL_RESULT,
    RETRIEVAL_DOCUMENTS,
];
/// The event that carries content.
pub(crate) const OPERATION_DETAILS: &str = "gen_ai.client.inference.operation.details";
/// On metrics: `input` or `output`.
pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";
/// On metrics: `audio` if the provider reports it, `unknown` otherwise.
pub(crate) const TOKEN_MODALITY: &str = "gen_ai.token.modality";
pub(crate) const AGENT_NAME: &str = "gen_ai.agent.name";
pub(crate) const AGENT_ID: &str = "gen_ai.agent.id";
pub(crate) const AGENT_VERSION: &str = "gen_ai.agent.version";
pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
pub(crate) const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
pub(crate) const CONVERSATION_ID: &str = "gen_ai.conversation.id";
/// The event that carries the result of an evaluation.
pub(crate) const EVALUATION_RESULT: &str = "gen_ai.evaluation.result";
pub(crate) const EVALUATION_NAME: &str = "gen_ai.evaluation.name";
pub(crate) const EVALUATION_SCORE_VALUE: &str = "gen_ai.evaluation.score.value";
pub(crate) const EVALUATION_SCORE_LABEL: &str = "gen_ai.evaluation.score.label";
pub(crate) const EVALUATION_EXPLANATION: &str = "gen_ai.evaluation.explanation";
pub(crate) const ERROR_TYPE: &str = "error.type";
/// The operation of requests for embeddings.
pub(crate) const EMBEDDINGS: &str = "embeddings";
pub(crate) const SERVER_ADDRESS: &str = "server.address";
pub(crate) const SERVER_PORT: &str = "server.port";
/// The operation of calls of tools.
pub(crate) const EXECUTE_TOOL: &str = "execute_tool";
pub(crate) const INVOKE_AGENT: &str = "invoke_agent";
pub(crate) const INVOKE_WORKFLOW: &str = "invoke_workflow";
/// The method of a message of the Model Context Protocol.
pub(crate) const MCP_METHOD_NAME: &str = "mcp.method.name";
pub(crate) const MCP_SESSION_ID: &str = "mcp.session.id";
pub(crate) const MCP_PROTOCOL_VERSION: &str = "mcp.protocol.version";
pub(crate) const MCP_RESOURCE_URI: &str = "mcp.resource.uri";
/// A text, also where the identifier is a number.
pub(crate) const JSONRPC_REQUEST_ID: &str = "jsonrpc.request.id";
/// The code of a JSON-RPC error, as a text.
pub(crate) const RPC_STATUS_CODE: &str = "rpc.response.status_code";
/// `pipe`, `tcp` or `quic`.
pub(crate) const NETWORK_TRANSPORT: &str = "network.transport";

/// Returns the value of `gen_ai.operation.name`, `None` if the conventions have none for such calls.
pub(crate) fn operation(primitive_type: &str, action: &str) -> Option<&'static str> {
    Some(match (primitive_type, action) {
        ("llm", "generate") => "generate_content",
        ("llm", "complete") => "text_completion",
        ("llm", _) => "chat",
        ("embedding", _) => EMBEDDINGS,
        ("retrieval", _) => "retrieval",
        ("tool", _) => EXECUTE_TOOL,
        ("agent", "plan") => "plan",
        ("agent", _) => INVOKE_AGENT,
        ("workflow", _) => INVOKE_WORKFLOW,
        ("memory", "search" | "lookup") => "search_memory",
        ("memory", "store") => "upsert_memory",
        _ => return None,
    })
}

/// Returns the conventions' name of a provider, `None` if the name is theirs already or they have none.
pub(crate) fn provider(name: &str) -> Option<&'static str> {
    Provider::named(name).map(|row| row.convention).filter(|convention| *convention != name)
}

#[cfg(test)]
mod tests {
    use super::{operation, provider};

    #[test]
    fn each_type_has_its_operation() {
        let calls = [
            ("llm", "chat", Some("chat")),
            ("llm", "stream", Some("chat")),
            ("llm", "generate", Some("generate_content")),
            ("llm", "complete", Some("text_completion")),
            ("embedding", "embed", Some("embeddings")),
            ("retrieval", "rerank", Some("retrieval")),
            ("tool", "call", Some("execute_tool")),
            ("agent", "invoke", Some("invoke_agent")),
            ("agent", "handoff", Some("invoke_agent")),
            ("agent", "plan", Some("plan")),
            ("workflow", "execute", Some("invoke_workflow")),
            ("memory", "search", Some("search_memory")),
            ("processor", "process", None),
        ];
        for (primitive_type, action, expected) in calls {
            assert_eq!(operation(primitive_type, action), expected, "{primitive_type}.{action}");
        }
    }

    #[test]
    fn a_provider_has_the_conventions_name_where_they_have_one() {
        let names = ["openai", "Bedrock", "azure", "google", "mistral", "xai", "a-provider-of-ours"];
        let (bedrock, azure) = (Some("aws.bedrock"), Some("azure.ai.openai"));
        let expected = [None, bedrock, azure, Some("gcp.gen_ai"), Some("mistral_ai"), Some("x_ai"), None];
        assert_eq!(names.map(provider), expected);
    }
}
