//! Latencies of each primitive.

use crate::rule::row::{Recording, RecordingGroup, Unit};

macro_rules! percentile {
    ($id:ident, $name:literal, $title:literal, $share:literal, $doc:literal) => {
        #[doc = $doc]
        pub static $id: Recording = Recording {
            name: $name,
            title: $title,
            description: concat!(
                $doc,
                " Functions have buckets of their own, so there is no such number for all of them together."
            ),
            unit: Unit::Seconds,
            query: concat!(
                "histogram_quantile(",
                $share,
                ", sum by (job, primitive_type, primitive_name, le) (rate(tta_execution_duration_seconds_bucket[5m])))"
            ),
        };
    };
}

percentile!(
    P50,
    "tta:latency_p50_5m",
    "Median latency",
    "0.5",
    "Time within which half of each primitive's calls end."
);
percentile!(P95, "tta:latency_p95_5m", "p95 latency", "0.95", "Time within which 95 % of each primitive's calls end.");
percentile!(P99, "tta:latency_p99_5m", "p99 latency", "0.99", "Time within which 99 % of each primitive's calls end.");

/// The average duration of a call.
pub static AVERAGE: Recording = Recording {
    name: "tta:latency_avg_5m",
    title: "Average latency",
    description: "Average time that each primitive's calls take.",
    unit: Unit::Seconds,
    query: "sum by (job, primitive_type, primitive_name) (rate(tta_execution_duration_seconds_sum[5m]))
        / (sum by (job, primitive_type, primitive_name) (rate(tta_execution_duration_seconds_count[5m])) > 0)",
};

/// The 95th percentile over an hour.
pub static P95_1H: Recording = Recording {
    name: "primitive:tta_execution_duration_seconds:p95_1h",
    title: "p95 latency of the past hour",
    description: "Time within which 95 % of each primitive's calls ended in the past hour, to compare with other hours.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, primitive_type, primitive_name, le) (rate(tta_execution_duration_seconds_bucket[1h])))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-latency",
    description: "How long calls of each primitive take.",
    interval: "30s",
    rules: &[&P50, &P95, &P99, &AVERAGE, &P95_1H],
};
