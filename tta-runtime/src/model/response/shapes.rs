//! The shapes in which providers report usage: one row for each shape.

/// A shape of the counts in a response.
pub(super) struct Shape {
    /// The common names of the providers whose bodies have this shape; empty for all, since gateways pass shapes on.
    pub(super) providers: &'static [&'static str],
    /// Paths of the objects with the counts, inside of [`ENVELOPES`].
    pub(super) objects: &'static [&'static str],
    /// The counts that make a body one of this shape: it has at least one of them.
    pub(super) own: &'static [Row],
    /// The other counts.
    pub(super) others: &'static [&'static [Row]],
    /// Whether the counts of reasoning and of cached tokens are parts of the shape's own counts.
    pub(super) inclusion: Inclusion,
}

/// A number in a body: the sums that it adds to, and the paths that may hold it, of which the largest one counts. A path that
/// ends in [`LENGTH`] stands for the length of a list.
pub(super) type Row = (&'static [Count], &'static [&'static str]);

pub(super) const LENGTH: &str = ".#";

/// Whether parts are included in the count of the whole, where their provider does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inclusion {
    /// As the rows say: a row that adds to the whole as well is not included in it.
    AsInRows,
    /// They are included, unless the total or their size says that they are not.
    Included,
    /// Reasoning is not included, unless the total says that it is.
    WithoutReasoning,
    /// They are included, except for cached tokens in the counts of Anthropic's name; see [`BESIDES_INPUT`].
    ExceptAnthropicCache,
}

/// The sum that a number in a body adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Input,
    Cached,
    /// Cached audio; `Audio` and `Cached` include it.
    CachedAudio,
    /// Cached images; `Image` and `Cached` include them.
    CachedImage,
    /// Cached video; `Video` and `Cached` include it.
    CachedVideo,
    /// Written to the cache, for any duration.
    Written,
    Written5m,
    Written1h,
    Text,
    Audio,
    Image,
    Video,
    Output,
    Reasoning,
    TextOutput,
    AudioOutput,
    ImageOutput,
    VideoOutput,
    Citation,
    Total,
    WebSearches,
    FileSearches,
    CodeExecutions,
    OtherTools,
    Reranks,
    Pages,
    Seconds,
    Characters,
    Messages,
}

use Count::{
    Audio, AudioOutput, Cached, CachedAudio, CachedImage, CachedVideo, Characters, Citation, CodeExecutions,
    FileSearches, Image, ImageOutput, Input, Messages, OtherTools, Output, Pages, Reasoning, Reranks, Seconds, Text,
    TextOutput, Total, Video, VideoOutput, WebSearches, Written, Written1h, Written5m,
};

/// The keys of what a response may be inside of, at any depth: events of streams, results of batches, envelopes of gateways.
pub(super) const ENVELOPES: &[&str] = &[
    "response",
    "result",
    "message",
    "body",
    "modelOutput",
    "metadata",
    "delta",
    "x_groq",
    "choices",
    "data",
    "chunk",
    "event",
    "output",
    "llmOutput",
    "response_metadata",
];

/// The key of an answer's choices, and of those in a stream's event.
pub(super) const CHOICES: &str = "choices";

/// The most envelopes around a response.
pub(super) const MOST_ENVELOPES: usize = 4;

/// Paths of the objects with the usage that most shapes have.
const USAGE: &[&str] = &["usage", "token_usage", "tokenUsage", "totalUsage", "usage_metadata"];

/// Counts of the whole call and of tools that a body of any shape may report.
const COMMON: &[Row] = &[
    (&[Total], &["total_tokens", "totalTokens", "totalTokenCount", "total_token_count"]),
    (
        &[WebSearches],
        &[
            "server_tool_use.web_search_requests",
            "server_tool_use_details.web_search_requests",
            "prompt_tokens_details.web_search_requests",
            "server_side_tool_usage_details.web_search_calls",
            "num_search_queries",
            "tool_calls_details.search_web.invocation",
        ],
    ),
    (&[FileSearches], &["server_side_tool_usage_details.file_search_calls"]),
    (
        &[CodeExecutions],
        &["server_tool_use.code_execution_requests", "server_side_tool_usage_details.code_interpreter_calls"],
    ),
    (&[OtherTools], &["server_side_tool_usage_details.x_search_calls"]),
    (&[OtherTools], &["server_side_tool_usage_details.document_search_calls"]),
    (&[OtherTools], &["num_sources_used"]),
    (&[OtherTools], &["tool_calls_details.fetch_url.invocation"]),
    (&[Seconds], &["billable_audio_seconds", "prompt_audio_seconds", "audio_seconds"]),
    (&[Messages], &["input_text_messages"]),
];

/// Parts of the input in bodies whose input includes the cached and written tokens.
const PARTS_OF_INPUT: &[Row] = &[
    (
        &[Cached],
        &[
            "prompt_tokens_details.cached_tokens",
            "prompt_tokens_details.cache_read_tokens",
            "prompt_tokens_details.cache_read_input_tokens",
            "cached_tokens",
            "prompt_cache_hit_tokens",
            "cache_read_input_tokens",
            "cached_prompt_text_tokens",
            "num_cached_tokens",
        ],
    ),
    (
        &[Written],
        &[
            "prompt_tokens_details.cache_write_tokens",
            "prompt_tokens_details.cache_creation_tokens",
            "prompt_tokens_details.cache_creation_input_tokens",
            "cache_creation_input_tokens",
            "cache_write_tokens",
        ],
    ),
    (
        &[Written5m],
        &[
            "prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens",
            "cache_creation.ephemeral_5m_input_tokens",
        ],
    ),
    (
        &[Written1h],
        &[
            "prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens",
            "cache_creation.ephemeral_1h_input_tokens",
        ],
    ),
    (&[Audio], &["prompt_tokens_details.audio_tokens", "audio_prompt_tokens"]),
    (&[Image], &["prompt_tokens_details.image_tokens"]),
    (&[Video], &["prompt_tokens_details.video_tokens"]),
    (&[CachedAudio], &["prompt_tokens_details.cached_tokens_details.audio_tokens"]),
    (&[CachedImage], &["prompt_tokens_details.cached_tokens_details.image_tokens"]),
];

/// Parts of the output in chat completions.
const PARTS_OF_COMPLETION: &[Row] = &[
    (&[AudioOutput], &["completion_tokens_details.audio_tokens", "audio_completion_tokens"]),
    (&[ImageOutput], &["completion_tokens_details.image_tokens"]),
    (&[VideoOutput], &["completion_tokens_details.video_tokens"]),
];

/// Where chat completions report reasoning.
const REASONING: &[&str] = &[
    "completion_tokens_details.reasoning_tokens",
    "output_tokens_details.reasoning_tokens",
    "reasoning_tokens",
    "thinking_tokens",
];

/// Details of OpenAI's responses, of its realtime events (in the singular) and of the SDK `langchain`.
const DETAILS: &[Row] = &[
    (
        &[Cached],
        &[
            "input_tokens_details.cached_tokens",
            "input_token_details.cached_tokens",
            "input_tokens_details.cache_read_input_tokens",
            "input_tokens_details.cache_read_tokens",
            "input_token_details.cache_read",
            "prompt_tokens_details.cached_tokens",
            "cached_tokens",
        ],
    ),
    (
        &[Written],
        &[
            "input_tokens_details.cache_write_tokens",
            "input_tokens_details.cache_creation_tokens",
            "input_token_details.cache_write_tokens",
            "input_token_details.cache_creation",
        ],
    ),
    (&[Text], &["input_tokens_details.text_tokens", "input_token_details.text_tokens"]),
    (&[Audio], &["input_tokens_details.audio_tokens", "input_token_details.audio_tokens", "input_token_details.audio"]),
    (&[Image], &["input_tokens_details.image_tokens", "input_token_details.image_tokens"]),
    (
        &[CachedAudio],
        &[
            "input_token_details.cached_tokens_details.audio_tokens",
            "input_tokens_details.cached_tokens_details.audio_tokens",
        ],
    ),
    (
        &[CachedImage],
        &[
            "input_token_details.cached_tokens_details.image_tokens",
            "input_tokens_details.cached_tokens_details.image_tokens",
        ],
    ),
    (
        &[Reasoning],
        &[
            "output_tokens_details.reasoning_tokens",
            "output_tokens_details.thinking_tokens",
            "output_token_details.reasoning_tokens",
            "output_token_details.reasoning",
            "reasoning_tokens",
        ],
    ),
    (&[TextOutput], &["output_tokens_details.text_tokens", "output_token_details.text_tokens"]),
    (
        &[AudioOutput],
        &["output_tokens_details.audio_tokens", "output_token_details.audio_tokens", "output_token_details.audio"],
    ),
    (&[ImageOutput], &["output_tokens_details.image_tokens", "output_token_details.image_tokens"]),
];

/// The counts of Anthropic's cache, which its input excludes.
pub(super) const BESIDES_INPUT: &[Row] = &[
    (&[Input, Cached], &["cache_read_input_tokens"]),
    (&[Input, Written], &["cache_creation_input_tokens"]),
    (&[Written5m], &["cache_creation.ephemeral_5m_input_tokens"]),
    (&[Written1h], &["cache_creation.ephemeral_1h_input_tokens"]),
];

/// The same counts in a body whose input includes them.
pub(super) const IN_INPUT: &[Row] = &[
    (&[Written], &["cache_creation_input_tokens"]),
    (&[Written5m], &["cache_creation.ephemeral_5m_input_tokens"]),
    (&[Written1h], &["cache_creation.ephemeral_1h_input_tokens"]),
];

/// The counts in chat completions.
const CHAT: &[Row] = &[(&[Input], &["prompt_tokens"]), (&[Output], &["completion_tokens"])];

/// The path of the marker that the input of a body includes what the cache read: OpenAI's responses, of any model.
pub(super) const INCLUDES_CACHED: &[&str] =
    &["input_tokens_details.cached_tokens", "input_token_details.cache_read", "input_token_details.cached_tokens"];

/// The key of the parts of one answer that are billed apart, the key of a part's kind, and the kinds whose tokens have the price of
/// the model.
pub(super) const ITERATIONS: &str = "iterations";
pub(super) const KIND: &str = "type";
pub(super) const BILLED_ITERATIONS: &[&str] = &["message", "compaction"];

/// The end of the paths of objects that say what is paid, whatever else was counted.
pub(super) const BILLED_UNITS: &str = "billed_units";

/// All shapes.
pub(super) const SHAPES: &[Shape] = &[
    // xAI: the completion excludes reasoning.
    Shape {
        providers: &["xai"],
        objects: USAGE,
        own: CHAT,
        others: &[COMMON, PARTS_OF_INPUT, PARTS_OF_COMPLETION, &[(&[Reasoning], REASONING)]],
        inclusion: Inclusion::WithoutReasoning,
    },
    Shape {
        providers: &["perplexity"],
        objects: USAGE,
        own: CHAT,
        others: &[
            COMMON,
            PARTS_OF_INPUT,
            &[(&[Output, Citation], &["citation_tokens"]), (&[Output, Reasoning], &["reasoning_tokens"])],
        ],
        inclusion: Inclusion::AsInRows,
    },
    // Chat completions of OpenAI, Azure, Mistral, OpenRouter and most others. In a stream, `usage` is null until the end.
    Shape {
        providers: &[],
        objects: USAGE,
        own: CHAT,
        others: &[COMMON, PARTS_OF_INPUT, PARTS_OF_COMPLETION, &[(&[Reasoning], REASONING)]],
        inclusion: Inclusion::Included,
    },
    // DeepSeek's parts of the input, where the whole is missing.
    Shape {
        providers: &[],
        objects: USAGE,
        own: &[
            (&[Input, Cached], &["prompt_cache_hit_tokens"]),
            (&[Input], &["prompt_cache_miss_tokens"]),
            (&[Output], &["completion_tokens"]),
        ],
        others: &[COMMON, PARTS_OF_COMPLETION, &[(&[Reasoning], REASONING)]],
        inclusion: Inclusion::AsInRows,
    },
    // Anthropic's messages, and OpenAI's responses and realtime events: the same counts, with details of different names.
    Shape {
        providers: &[],
        objects: USAGE,
        own: &[(&[Input], &["input_tokens"]), (&[Output], &["output_tokens"])],
        others: &[COMMON, DETAILS],
        inclusion: Inclusion::ExceptAnthropicCache,
    },
    // Bedrock's Converse and Nova, Cursor, and SDKs in JavaScript.
    Shape {
        providers: &[],
        objects: USAGE,
        own: &[(&[Input], &["inputTokens", "promptTokens"]), (&[Output], &["outputTokens", "completionTokens"])],
        others: &[
            COMMON,
            &[
                (&[Input, Cached], &["cacheReadInputTokens", "cacheReadInputTokenCount", "cacheReadTokens"]),
                (&[Input, Written], &["cacheWriteInputTokens", "cacheWriteInputTokenCount", "cacheWriteTokens"]),
                (&[Written5m], &["cacheDetails.[ttl=5m].inputTokens"]),
                (&[Written1h], &["cacheDetails.[ttl=1h].inputTokens"]),
                (&[Cached], &["cachedInputTokens", "inputTokenDetails.cacheReadTokens"]),
                (&[Written], &["inputTokenDetails.cacheWriteTokens"]),
                (&[Reasoning], &["reasoningTokens", "outputTokenDetails.reasoningTokens"]),
            ],
        ],
        inclusion: Inclusion::AsInRows,
    },
    // What Bedrock adds to the bodies of InvokeModel and to the last event of their streams.
    Shape {
        providers: &[],
        objects: &["amazon-bedrock-invocationMetrics"],
        own: &[(&[Input], &["inputTokenCount"]), (&[Output], &["outputTokenCount"])],
        others: &[&[
            (&[Input, Cached], &["cacheReadInputTokenCount"]),
            (&[Input, Written], &["cacheWriteInputTokenCount"]),
        ]],
        inclusion: Inclusion::AsInRows,
    },
    // Gemini's `generateContent` and Live.
    Shape {
        providers: &[],
        objects: &["usageMetadata", "usage_metadata"],
        own: &[
            (&[Input], &["promptTokenCount", "prompt_token_count"]),
            (
                &[Output],
                &["candidatesTokenCount", "candidates_token_count", "responseTokenCount", "response_token_count"],
            ),
            // The candidates exclude thoughts.
            (&[Output, Reasoning], &["thoughtsTokenCount", "thoughts_token_count"]),
        ],
        others: &[
            COMMON,
            &[
                (&[Input], &["toolUsePromptTokenCount", "tool_use_prompt_token_count"]),
                (&[Cached], &["cachedContentTokenCount", "cached_content_token_count"]),
                (
                    &[Audio],
                    &[
                        "promptTokensDetails.[modality=AUDIO].tokenCount",
                        "prompt_tokens_details.[modality=AUDIO].token_count",
                    ],
                ),
                (
                    &[Image],
                    &[
                        "promptTokensDetails.[modality=IMAGE].tokenCount",
                        "prompt_tokens_details.[modality=IMAGE].token_count",
                    ],
                ),
                (
                    &[Image],
                    &[
                        "promptTokensDetails.[modality=DOCUMENT].tokenCount",
                        "prompt_tokens_details.[modality=DOCUMENT].token_count",
                    ],
                ),
                (
                    &[Video],
                    &[
                        "promptTokensDetails.[modality=VIDEO].tokenCount",
                        "prompt_tokens_details.[modality=VIDEO].token_count",
                    ],
                ),
                (&[Audio], &["toolUsePromptTokensDetails.[modality=AUDIO].tokenCount"]),
                (&[Image], &["toolUsePromptTokensDetails.[modality=IMAGE].tokenCount"]),
                (&[Image], &["toolUsePromptTokensDetails.[modality=DOCUMENT].tokenCount"]),
                (&[Video], &["toolUsePromptTokensDetails.[modality=VIDEO].tokenCount"]),
                (
                    &[CachedAudio],
                    &[
                        "cacheTokensDetails.[modality=AUDIO].tokenCount",
                        "cache_tokens_details.[modality=AUDIO].token_count",
                    ],
                ),
                (
                    &[CachedImage],
                    &[
                        "cacheTokensDetails.[modality=IMAGE].tokenCount",
                        "cache_tokens_details.[modality=IMAGE].token_count",
                    ],
                ),
                (&[CachedImage], &["cacheTokensDetails.[modality=DOCUMENT].tokenCount"]),
                (&[CachedVideo], &["cacheTokensDetails.[modality=VIDEO].tokenCount"]),
                (
                    &[AudioOutput],
                    &[
                        "candidatesTokensDetails.[modality=AUDIO].tokenCount",
                        "responseTokensDetails.[modality=AUDIO].tokenCount",
                        "candidates_tokens_details.[modality=AUDIO].token_count",
                        "response_tokens_details.[modality=AUDIO].token_count",
                    ],
                ),
                (
                    &[ImageOutput],
                    &[
                        "candidatesTokensDetails.[modality=IMAGE].tokenCount",
                        "responseTokensDetails.[modality=IMAGE].tokenCount",
                        "candidates_tokens_details.[modality=IMAGE].token_count",
                    ],
                ),
                (&[ImageOutput], &["candidatesTokensDetails.[modality=DOCUMENT].tokenCount"]),
                (
                    &[VideoOutput],
                    &[
                        "candidatesTokensDetails.[modality=VIDEO].tokenCount",
                        "responseTokensDetails.[modality=VIDEO].tokenCount",
                    ],
                ),
            ],
        ],
        inclusion: Inclusion::AsInRows,
    },
    // Cohere: billed units before tokens, since those include what Cohere adds around the messages.
    Shape {
        providers: &[],
        objects: &["usage.billed_units", "meta.billed_units"],
        own: &[
            (&[Input], &["input_tokens"]),
            (&[Output], &["output_tokens"]),
            (&[Image], &["image_tokens"]),
            (&[Reranks], &["search_units"]),
        ],
        others: &[],
        inclusion: Inclusion::AsInRows,
    },
    Shape {
        providers: &[],
        objects: &["usage", "meta"],
        own: &[(&[Input], &["tokens.input_tokens"]), (&[Output], &["tokens.output_tokens"])],
        others: &[&[(&[Cached], &["cached_tokens"])]],
        inclusion: Inclusion::AsInRows,
    },
    // Ollama, llama.cpp, Meta's Llama and Amazon's Titan on Bedrock, Vertex AI's embeddings: counts beside the answer.
    counts_of_body(&[(&[Input], &["prompt_eval_count"]), (&[Output], &["eval_count"])]),
    counts_of_body(&[(&[Input], &["tokens_evaluated"]), (&[Output], &["tokens_predicted"])]),
    counts_of_body(&[(&[Input], &["prompt_token_count"]), (&[Output], &["generation_token_count"])]),
    counts_of_body(&[
        (&[Input], &["inputTextTokenCount"]),
        (&[Output], &["results.[].tokenCount", "totalOutputTextTokenCount", "tokenCount"]),
    ]),
    counts_of_body(&[(&[Input], &["predictions.[].embeddings.statistics.token_count"])]),
    // watsonx.ai, Replicate and Aleph Alpha.
    counts_of_body(&[
        (&[Input], &["results.[].input_token_count"]),
        (&[Output], &["results.[].generated_token_count"]),
    ]),
    counts_of_body(&[(&[Input], &["metrics.input_token_count"]), (&[Output], &["metrics.output_token_count"])]),
    counts_of_body(&[(&[Input], &["num_tokens_prompt_total"]), (&[Output], &["num_tokens_generated"])]),
    // AI21's Jurassic, in the bodies of InvokeModel: the tokens themselves.
    counts_of_body(&[(&[Input], &["prompt.tokens.#"]), (&[Output], &["completions.[].data.tokens.#"])]),
    // Voyage AI's embeddings have a total alone.
    Shape {
        providers: &["voyage", "jina"],
        objects: USAGE,
        own: &[(&[Input], &["total_tokens"])],
        others: &[],
        inclusion: Inclusion::AsInRows,
    },
    // Audio by its duration, and documents by their pages.
    Shape {
        providers: &[],
        objects: USAGE,
        own: &[(&[Seconds], &["seconds"]), (&[Characters], &["characters", "input_characters"])],
        others: &[],
        inclusion: Inclusion::AsInRows,
    },
    Shape {
        providers: &[],
        objects: &["usage_info"],
        own: &[(&[Pages], &["pages_processed"])],
        others: &[],
        inclusion: Inclusion::AsInRows,
    },
];

/// Creates a shape of counts that stand beside the answer.
const fn counts_of_body(own: &'static [Row]) -> Shape {
    Shape { providers: &[], objects: &[""], own, others: &[], inclusion: Inclusion::AsInRows }
}

/// Paths of tools that the provider ran, inside of [`ENVELOPES`]: each item counts once.
pub(super) const TOOL_CALLS: &[(&str, Count)] = &[
    ("output.[type=web_search_call]", WebSearches),
    ("output.[type=file_search_call]", FileSearches),
    ("output.[type=code_interpreter_call]", CodeExecutions),
    ("output.[type=image_generation_call]", OtherTools),
];

/// The path of the kind of step that a tool's call is.
pub(super) const SEARCH_ACTION: &str = "action.type";

/// Paths of the searches behind an answer that is grounded in them.
pub(super) const GROUNDING: &str = "candidates.[].groundingMetadata.webSearchQueries.[]";

/// Paths of the name of the model that answered, inside of [`ENVELOPES`].
pub(super) const MODELS: &[&str] = &["model", "modelVersion", "model_version", "message.model"];

/// Paths of the response's id, inside of [`ENVELOPES`]; the ids of single events are not among them.
pub(super) const IDS: &[&str] = &["message.id", "responseId", "response_id", "id"];

/// Paths of the finish reasons.
pub(super) const FINISH_REASONS: &[&str] = &[
    "choices.[].finish_reason",
    "candidates.[].finishReason",
    "response.candidates.[].finishReason",
    "stop_reason",
    "delta.stop_reason",
    "stopReason",
    "messageStop.stopReason",
    "finish_reason",
    "delta.finish_reason",
    "done_reason",
    "incomplete_details.reason",
    "response.incomplete_details.reason",
    "results.[].completionReason",
    "completionReason",
    "result.message.stop_reason",
    "response.body.choices.[].finish_reason",
];

/// Paths of the service tier, inside of [`ENVELOPES`].
pub(super) const SERVICE_TIERS: &[&str] = &[
    "service_tier",
    "usage.service_tier",
    "serviceTier.type",
    "usageMetadata.serviceTier",
    "usageMetadata.trafficType",
];

/// The path of the speed of an answer, inside of [`ENVELOPES`]: `fast` is a tier.
pub(super) const SPEED: &str = "usage.speed";

/// The path of the region that an answer was confined to, inside of [`ENVELOPES`].
pub(super) const INFERENCE_GEO: &str = "usage.inference_geo";

/// The regions that confine nothing.
pub(super) const EVERYWHERE: &[&str] = &["global", "not_available", ""];

/// The key of a result of a batch, which names its request.
pub(super) const BATCH_KEY: &str = "custom_id";

/// The path of a document's annotation.
pub(super) const ANNOTATION: &str = "document_annotation";

/// Costs that providers report: the common name of the provider, the path inside of [`ENVELOPES`], and the value of one unit
/// in US dollars.
pub(super) const COSTS: &[(&str, &str, f64)] = &[
    ("openrouter", "usage.cost", 1.0),
    ("perplexity", "usage.cost.total_cost", 1.0),
    ("xai", "usage.cost_in_usd_ticks", 1e-10),
    ("deepinfra", "usage.estimated_cost", 1.0),
];

/// The path of the cost that a gateway does not bill, since the caller pays its provider, and that of the statement that this
/// is so.
pub(super) const UPSTREAM_COST: &str = "usage.cost_details.upstream_inference_cost";
pub(super) const PAYS_UPSTREAM: &str = "usage.is_byok";
