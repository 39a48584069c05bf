//! Caches.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Cache operations per second.
pub static RATE: Recording = Recording {
    name: "cache_operation:tta_cache_operations:rate5m",
    title: "Cache operations",
    description: "What each cache did, per second: hits, misses, stores, evictions and so on.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, cache_type, operation) (rate(tta_cache_operations_total[5m]))",
};

/// The share of lookups that hit.
pub static HIT_RATE: Recording = Recording {
    name: "tta:cache_hit_rate_5m",
    title: "Cache hit rate",
    description: "Share of each cache's look-ups that found an answer. Look-ups are hits, misses, errors, and those that waited for \
        the same work.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name, cache_type) (cache_operation:tta_cache_operations:rate5m{operation="hit"})
        / (sum by (job, primitive_name, cache_type) (cache_operation:tta_cache_operations:rate5m{operation=~"hit|miss|coalesced|error"}) > 0)"#,
};

/// The 95th percentile of a lookup's duration.
pub static LATENCY_P95: Recording = Recording {
    name: "cache:tta_cache_latency_seconds:p95_5m",
    title: "p95 latency of look-ups",
    description: "Time within which 95 % of each cache's look-ups end, without the work that a miss causes.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, primitive_name, cache_type, le) (rate(tta_cache_latency_seconds_bucket[5m])))",
};

/// Entries in caches.
pub static ENTRIES: Recording = Recording {
    name: "cache:tta_cache_entries:sum",
    title: "Cache entries",
    description: "Entries in each cache, on all instances together.",
    unit: Unit::Count,
    query: "sum by (job, primitive_name) (tta_cache_entries)",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-cache",
    description: "Caches.",
    interval: "30s",
    rules: &[&RATE, &HIT_RATE, &LATENCY_P95, &ENTRIES],
};
