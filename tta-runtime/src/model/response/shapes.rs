//! The shapes in which providers report usage: one row for each shape.

/// A shape of response body.
pub(super) struct Shape {
    /// Substrings of the names of providers that use this shape; it is tried first for them.
    pub(super) providers: &'static [&'static str],
    /// Whether bodies of other providers may have this shape.
    pub(super) other_providers: OtherProviders,
    /// Paths of the object with the counts, in a whole response or in an event of a stream.
    pub(super) roots: &'static [&'static str],
    /// Paths of the counts in that object, and the sums that each adds to.
    pub(super) counts: &'static [(&'static str, &'static [Count])],
}

/// Whether bodies of providers other than the named ones may have a shape.
pub(super) enum OtherProviders {
    Never,
    Always,
    /// If one of these paths exists: another shape has counts of the same names.
    WithMarker(&'static [&'static str]),
}

/// The sum that a number in a body adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Input,
    Cached,
    /// Written to the cache, for any duration.
    Written,
    Written5m,
    Written1h,
    Audio,
    /// Audio that was read from the cache; `Audio` includes it.
    CachedAudio,
    Output,
    Reasoning,
    AudioOutput,
}

use Count::{Audio, AudioOutput, Cached, CachedAudio, Input, Output, Reasoning, Written, Written1h, Written5m};

/// All shapes. The first one that finds input or output tokens applies.
pub(super) const SHAPES: &[Shape] = &[
    Shape {
        providers: &["anthropic", "claude"],
        other_providers: OtherProviders::WithMarker(&[
            "usage.cache_read_input_tokens",
            "message.usage.input_tokens",
            "stop_reason",
            "delta.stop_reason",
        ]),
        roots: &["usage", "message.usage"],
        counts: &[
            ("input_tokens", &[Input]),
            // Unlike in other shapes, the input excludes tokens read from and written to the cache.
            ("cache_read_input_tokens", &[Input, Cached]),
            ("cache_creation_input_tokens", &[Input, Written]),
            ("cache_creation.ephemeral_5m_input_tokens", &[Written5m]),
            ("cache_creation.ephemeral_1h_input_tokens", &[Written1h]),
            ("output_tokens", &[Output]),
            ("output_tokens_details.thinking_tokens", &[Reasoning]),
        ],
    },
    Shape {
        providers: &["google", "gemini", "vertex"],
        other_providers: OtherProviders::Always,
        roots: &["usageMetadata", "response.usageMetadata"],
        counts: &[
            ("promptTokenCount", &[Input]),
            ("toolUsePromptTokenCount", &[Input]),
            ("cachedContentTokenCount", &[Cached]),
            ("promptTokensDetails.[modality=AUDIO].tokenCount", &[Audio]),
            ("cacheTokensDetails.[modality=AUDIO].tokenCount", &[CachedAudio]),
            ("candidatesTokenCount", &[Output]),
            // The candidates exclude thoughts.
            ("thoughtsTokenCount", &[Output, Reasoning]),
            ("candidatesTokensDetails.[modality=AUDIO].tokenCount", &[AudioOutput]),
        ],
    },
    // Bedrock's Converse. InvokeModel returns the bodies of the models' own providers.
    Shape {
        providers: &["bedrock", "aws", "amazon"],
        other_providers: OtherProviders::Always,
        roots: &["usage", "metadata.usage"],
        counts: &[
            ("inputTokens", &[Input]),
            ("cacheReadInputTokens", &[Input, Cached]),
            ("cacheWriteInputTokens", &[Input, Written]),
            ("cacheDetails.[ttl=5m].inputTokens", &[Written5m]),
            ("cacheDetails.[ttl=1h].inputTokens", &[Written1h]),
            ("outputTokens", &[Output]),
        ],
    },
    Shape {
        providers: &["cohere"],
        other_providers: OtherProviders::Always,
        // Billed units first: they exclude the tokens that Cohere adds around the messages.
        roots: &[
            "usage.billed_units",
            "delta.usage.billed_units",
            "meta.billed_units",
            "response.meta.billed_units",
            "usage.tokens",
            "delta.usage.tokens",
            "meta.tokens",
        ],
        counts: &[("input_tokens", &[Input]), ("output_tokens", &[Output])],
    },
    Shape {
        providers: &["ollama"],
        other_providers: OtherProviders::Always,
        roots: &[""],
        counts: &[("prompt_eval_count", &[Input]), ("eval_count", &[Output])],
    },
    Shape {
        providers: &["x-ai", "xai", "x.ai"],
        other_providers: OtherProviders::Never,
        roots: &["usage"],
        counts: &[
            ("prompt_tokens", &[Input]),
            ("prompt_tokens_details.cached_tokens", &[Cached]),
            ("prompt_tokens_details.audio_tokens", &[Audio]),
            ("completion_tokens", &[Output]),
            // The completion excludes reasoning.
            ("completion_tokens_details.reasoning_tokens", &[Output, Reasoning]),
            ("completion_tokens_details.audio_tokens", &[AudioOutput]),
        ],
    },
    Shape {
        providers: &["perplexity"],
        other_providers: OtherProviders::Never,
        roots: &["usage"],
        counts: &[
            ("prompt_tokens", &[Input]),
            ("completion_tokens", &[Output]),
            ("citation_tokens", &[Output]),
            ("reasoning_tokens", &[Output, Reasoning]),
        ],
    },
    // Chat completions of OpenAI, Azure, Mistral, OpenRouter and most others. In a stream, `usage` is null until the end.
    Shape {
        providers: &["openai", "azure", "mistral", "openrouter", "groq", "deepseek"],
        other_providers: OtherProviders::Always,
        roots: &["usage", "x_groq.usage"],
        counts: &[
            ("prompt_tokens", &[Input]),
            ("prompt_tokens_details.cached_tokens", &[Cached]),
            ("prompt_tokens_details.cache_write_tokens", &[Written]),
            ("prompt_tokens_details.audio_tokens", &[Audio]),
            ("completion_tokens", &[Output]),
            ("completion_tokens_details.reasoning_tokens", &[Reasoning]),
            ("completion_tokens_details.audio_tokens", &[AudioOutput]),
        ],
    },
    // OpenAI's responses, and the last event of their stream.
    Shape {
        providers: &["openai", "azure"],
        other_providers: OtherProviders::Always,
        roots: &["usage", "response.usage"],
        counts: &[
            ("input_tokens", &[Input]),
            ("input_tokens_details.cached_tokens", &[Cached]),
            ("input_tokens_details.cache_write_tokens", &[Written]),
            ("output_tokens", &[Output]),
            ("output_tokens_details.reasoning_tokens", &[Reasoning]),
        ],
    },
];

/// Paths of the name of the model that answered.
pub(super) const MODELS: &[&str] =
    &["model", "modelVersion", "message.model", "response.model", "response.modelVersion"];

/// Paths of the response's id; the ids of single events are not among them.
pub(super) const IDS: &[&str] = &["message.id", "response.id", "responseId", "response.responseId", "id"];

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
];

/// Paths of the service tier.
pub(super) const SERVICE_TIERS: &[&str] = &[
    "service_tier",
    "usage.service_tier",
    "message.usage.service_tier",
    "response.service_tier",
    "serviceTier.type",
    "metadata.serviceTier.type",
    "usageMetadata.serviceTier",
    "usageMetadata.trafficType",
];

/// Costs that providers report: the providers, the path, and the value of one unit in US dollars.
pub(super) const COSTS: &[(&[&str], &str, f64)] = &[
    (&["openrouter"], "usage.cost", 1.0),
    (&["perplexity"], "usage.cost.total_cost", 1.0),
    (&["x-ai", "xai", "x.ai"], "usage.cost_in_usd_ticks", 1e-10),
];
