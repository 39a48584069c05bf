//! Call rates of each primitive, and its calls in progress.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second, of each primitive.
pub static RATE: Recording = Recording {
    name: "tta:primitive_rate_5m",
    title: "Calls by primitive",
    description: "Calls of each primitive that ended, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_type, primitive_name) (rate(tta_primitive_executions_total[5m]))",
};

/// Calls per second, of each primitive and outcome.
pub static RATE_BY_STATUS: Recording = Recording {
    name: "primitive_status:tta_primitive_executions:rate5m",
    title: "Outcomes by primitive",
    description: "Calls of each primitive that ended, per second and outcome.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_type, primitive_name, status) (rate(tta_primitive_executions_total[5m]))",
};

/// Calls in progress, of each primitive.
pub static ACTIVE: Recording = Recording {
    name: "primitive:tta_primitive_active:sum",
    title: "Calls in progress",
    description: "Calls of each primitive that are in progress, on all instances together.",
    unit: Unit::Count,
    query: "sum by (job, primitive_type, primitive_name) (tta_primitive_active)",
};

/// The average number of calls in progress, computed from the calls that ended.
pub static CONCURRENCY: Recording = Recording {
    name: "primitive:tta_execution_duration_seconds:concurrency_rate5m",
    title: "Concurrency of ended calls",
    description: "Calls of each primitive that were in progress on average, counted by those that ended: rate times duration. \
        Where many more are in progress than that, work piles up.",
    unit: Unit::Count,
    query: "sum by (job, primitive_type, primitive_name) (rate(tta_execution_duration_seconds_sum[5m]))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-primitives",
    description: "How often each primitive is called, and how many of its calls are in progress.",
    interval: "30s",
    rules: &[&RATE, &RATE_BY_STATUS, &ACTIVE, &CONCURRENCY],
};
