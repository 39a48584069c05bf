//! Retries.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Attempts per second, by result.
pub static RATE: Recording = Recording {
    name: "retry_result:tta_retry_attempts:rate5m",
    title: "Attempts",
    description: "Attempts of calls that are retried, per second and result.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, result) (rate(tta_retry_attempts_total[5m]))",
};

/// The 95th percentile of waits between attempts.
pub static BACKOFF_P95: Recording = Recording {
    name: "retry:tta_retry_backoff_seconds:p95_5m",
    title: "Waits before retries",
    description: "Time within which 95 % of the waits before an attempt end.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, primitive_name, le) (rate(tta_retry_backoff_seconds_bucket[5m])))",
};

/// The share of attempts that were retried.
pub static RATIO: Recording = Recording {
    name: "retry:tta_retry_attempts_retried:ratio_rate5m",
    title: "Retried",
    description: "Share of the attempts that failed and were followed by another one.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (retry_result:tta_retry_attempts:rate5m{result="retried"})
        / (sum by (job, primitive_name) (retry_result:tta_retry_attempts:rate5m) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-retry",
    description: "Retries.",
    interval: "30s",
    rules: &[&RATE, &BACKOFF_P95, &RATIO],
};
