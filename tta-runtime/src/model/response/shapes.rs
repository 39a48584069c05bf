//! How providers write what a call used: one row for each shape of body.

/// One shape.
pub(super) struct Shape {
    /// Parts of the names of providers that write this shape, which are asked for it first.
    pub(super) providers: &'static [&'static str],
    /// Whether other providers' bodies may have it, too.
    pub(super) elsewhere: Elsewhere,
    /// Where the object with the counts stands, in a whole response or in a part of a stream.
    pub(super) roots: &'static [&'static str],
    /// Where a count stands in that object, and what it adds to.
    pub(super) counts: &'static [(&'static str, &'static [Count])],
}

/// Whether a body of a provider that is not named may have a shape.
pub(super) enum Elsewhere {
    No,
    Yes,
    /// Where one of these is there: another shape has counts of the same names.
    With(&'static [&'static str]),
}

/// What a number in a body counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Input,
    Cached,
    /// Written to the cache, for however long.
    Written,
    Written5m,
    Written1h,
    Audio,
    /// Sound that was read from the cache; it is in `Audio`, too.
    CachedAudio,
    Output,
    Reasoning,
    AudioOutput,
}

use Count::{Audio, AudioOutput, Cached, CachedAudio, Input, Output, Reasoning, Written, Written1h, Written5m};

/// Every shape; the first that finds tokens sent or received is taken.
pub(super) const SHAPES: &[Shape] = &[
    Shape {
        providers: &["anthropic", "claude"],
        elsewhere: Elsewhere::With(&[
            "usage.cache_read_input_tokens",
            "message.usage.input_tokens",
            "stop_reason",
            "delta.stop_reason",
        ]),
        roots: &["usage", "message.usage"],
        counts: &[
            ("input_tokens", &[Input]),
            // Unlike elsewhere, what the cache read and wrote is not in the input.
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
        elsewhere: Elsewhere::Yes,
        roots: &["usageMetadata", "response.usageMetadata"],
        counts: &[
            ("promptTokenCount", &[Input]),
            ("toolUsePromptTokenCount", &[Input]),
            ("cachedContentTokenCount", &[Cached]),
            ("promptTokensDetails.[modality=AUDIO].tokenCount", &[Audio]),
            ("cacheTokensDetails.[modality=AUDIO].tokenCount", &[CachedAudio]),
            ("candidatesTokenCount", &[Output]),
            // Thoughts are not among the candidates.
            ("thoughtsTokenCount", &[Output, Reasoning]),
            ("candidatesTokensDetails.[modality=AUDIO].tokenCount", &[AudioOutput]),
        ],
    },
    // Bedrock's Converse; InvokeModel passes on the bodies of the models' own providers.
    Shape {
        providers: &["bedrock", "aws", "amazon"],
        elsewhere: Elsewhere::Yes,
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
        elsewhere: Elsewhere::Yes,
        // What is billed comes first: it leaves out what Cohere puts around the messages.
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
        elsewhere: Elsewhere::Yes,
        roots: &[""],
        counts: &[("prompt_eval_count", &[Input]), ("eval_count", &[Output])],
    },
    Shape {
        providers: &["x-ai", "xai", "x.ai"],
        elsewhere: Elsewhere::No,
        roots: &["usage"],
        counts: &[
            ("prompt_tokens", &[Input]),
            ("prompt_tokens_details.cached_tokens", &[Cached]),
            ("prompt_tokens_details.audio_tokens", &[Audio]),
            ("completion_tokens", &[Output]),
            // Reasoning is not in the completion.
            ("completion_tokens_details.reasoning_tokens", &[Output, Reasoning]),
            ("completion_tokens_details.audio_tokens", &[AudioOutput]),
        ],
    },
    Shape {
        providers: &["perplexity"],
        elsewhere: Elsewhere::No,
        roots: &["usage"],
        counts: &[
            ("prompt_tokens", &[Input]),
            ("completion_tokens", &[Output]),
            ("citation_tokens", &[Output]),
            ("reasoning_tokens", &[Output, Reasoning]),
        ],
    },
    // Chat completions of OpenAI, Azure, Mistral, OpenRouter and most others; `usage` is null in a stream until its end.
    Shape {
        providers: &["openai", "azure", "mistral", "openrouter", "groq", "deepseek"],
        elsewhere: Elsewhere::Yes,
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
    // OpenAI's responses, and the event that ends their stream.
    Shape {
        providers: &["openai", "azure"],
        elsewhere: Elsewhere::Yes,
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

/// Where a body names the model that answered.
pub(super) const MODELS: &[&str] =
    &["model", "modelVersion", "message.model", "response.model", "response.modelVersion"];

/// Where a body has its identifier; events of some streams have one of their own, which these leave out.
pub(super) const IDS: &[&str] = &["message.id", "response.id", "responseId", "response.responseId", "id"];

/// Where a body says why the model stopped.
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

/// Where a body says how the request was served.
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

/// Who says what a call cost, where, and how many US dollars one of it is.
pub(super) const COSTS: &[(&[&str], &str, f64)] = &[
    (&["openrouter"], "usage.cost", 1.0),
    (&["perplexity"], "usage.cost.total_cost", 1.0),
    (&["x-ai", "xai", "x.ai"], "usage.cost_in_usd_ticks", 1e-10),
];
