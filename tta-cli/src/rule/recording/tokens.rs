//! Tokens.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Tokens per second, of each model and kind.
pub static RATE: Recording = Recording {
    name: "model_token_type:tta_llm_tokens:rate5m",
    title: "Tokens by model",
    description: "Tokens of each kind that each model used, per second; no token is in two kinds.",
    unit: Unit::PerSecond,
    query: "sum by (job, provider, model, token_type) (rate(tta_llm_tokens_total[5m]))",
};

/// Tokens per second of the job.
pub static JOB_RATE: Recording = Recording {
    name: "job:tta_llm_tokens:rate5m",
    title: "Token rate",
    description: "Tokens that all models used, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job) (model_token_type:tta_llm_tokens:rate5m)",
};

/// Tokens per second of the job, over an hour.
pub static JOB_RATE_1H: Recording = Recording {
    name: "job:tta_llm_tokens:rate1h",
    title: "Token rate of the past hour",
    description: "Tokens that all models used in the past hour, per second, to compare with the present rate.",
    unit: Unit::PerSecond,
    query: "sum by (job) (rate(tta_llm_tokens_total[1h]))",
};

/// The share of input tokens that providers read from their caches.
pub static PROMPT_CACHE_RATIO: Recording = Recording {
    name: "model:tta_llm_tokens_cached_input:ratio_rate5m",
    title: "Prompt cache",
    description: "Share of each model's input tokens that the provider had cached.",
    unit: Unit::Ratio,
    query: r#"sum by (job, provider, model) (model_token_type:tta_llm_tokens:rate5m{token_type="cached_input"})
        / (sum by (job, provider, model) (model_token_type:tta_llm_tokens:rate5m{token_type=~"input|cached_input|cache_write"}) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-tokens",
    description: "Tokens.",
    interval: "30s",
    rules: &[&RATE, &JOB_RATE, &JOB_RATE_1H, &PROMPT_CACHE_RATIO],
};
