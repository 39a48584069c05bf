//! Time limits.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second, by result.
pub static RATE: Recording = Recording {
    name: "timeout_result:tta_timeout:rate5m",
    title: "Timeouts",
    description: "Calls under a time limit, per second: in time, late but within the grace, timed out.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, result) (rate(tta_timeout_total[5m]))",
};

/// The 95th percentile of calls under a time limit.
pub static DURATION_P95: Recording = Recording {
    name: "timeout:tta_timeout_duration_seconds:p95_5m",
    title: "Calls under a time limit",
    description: "Time within which 95 % of the calls under a time limit end, or are ended.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, primitive_name, le) (rate(tta_timeout_duration_seconds_bucket[5m])))",
};

/// The share of calls that timed out.
pub static RATIO: Recording = Recording {
    name: "timeout:tta_timeout_timed_out:ratio_rate5m",
    title: "Timed out",
    description: "Share of the calls under each time limit that it ended, those that ended within the grace not among them.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (timeout_result:tta_timeout:rate5m{result="timed_out"})
        / (sum by (job, primitive_name) (timeout_result:tta_timeout:rate5m) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-timeout",
    description: "Time limits.",
    interval: "30s",
    rules: &[&RATE, &DURATION_P95, &RATIO],
};
