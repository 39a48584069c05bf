//! Calls, errors and latencies of models.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second, of each model and outcome.
pub static RATE: Recording = Recording {
    name: "model_status:tta_llm_requests:rate5m",
    title: "Model calls",
    description: "Calls to each model that ended, per second and outcome.",
    unit: Unit::PerSecond,
    query: "sum by (job, provider, model, status) (rate(tta_llm_requests_total[5m]))",
};

/// The share of each model's calls that failed, timed out or panicked.
pub static ERROR_RATIO: Recording = Recording {
    name: "model:tta_llm_request_errors:ratio_rate5m",
    title: "Error rate by model",
    description: "Share of the calls to each model that failed, timed out or panicked; cancelled calls are left out.",
    unit: Unit::Ratio,
    query: r#"sum by (job, provider, model) (model_status:tta_llm_requests:rate5m{status=~"failure|timeout|panicked"})
        / (sum by (job, provider, model) (model_status:tta_llm_requests:rate5m{status!="cancelled"}) > 0)"#,
};

/// The 95th percentile of each model's latency.
pub static DURATION_P95: Recording = Recording {
    name: "model:tta_llm_request_duration_seconds:p95_5m",
    title: "p95 latency by model",
    description: "Time within which 95 % of the calls to each model end.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, provider, model, le) (rate(tta_llm_request_duration_seconds_bucket[5m])))",
};

/// The 95th percentile of the time to the first token.
pub static FIRST_TOKEN_P95: Recording = Recording {
    name: "model:tta_llm_time_to_first_token_seconds:p95_5m",
    title: "p95 time to first token",
    description: "Time within which 95 % of the streams of each model have begun.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, provider, model, le) (rate(tta_llm_time_to_first_token_seconds_bucket[5m])))",
};

/// The 95th percentile of the time per output token.
pub static OUTPUT_TOKEN_P95: Recording = Recording {
    name: "model:tta_llm_time_per_output_token_seconds:p95_5m",
    title: "p95 time per output token",
    description: "Time that each further token takes in all but the slowest 5 % of the streams of each model.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, provider, model, le) (rate(tta_llm_time_per_output_token_seconds_bucket[5m])))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-models",
    description: "Calls, errors and latencies of models.",
    interval: "30s",
    rules: &[&RATE, &ERROR_RATIO, &DURATION_P95, &FIRST_TOKEN_P95, &OUTPUT_TOKEN_P95],
};
