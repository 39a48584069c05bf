//! Errors of each primitive.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// The share of each primitive's calls that failed, timed out or panicked.
pub static RATIO: Recording = Recording {
    name: "primitive:tta_primitive_errors:ratio_rate5m",
    title: "Error rate by primitive",
    description: "Share of each primitive's calls that failed, timed out or panicked; cancelled calls are left out.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_type, primitive_name) (rate(tta_primitive_executions_total{status=~"failure|timeout|panicked"}[5m]))
        / (sum by (job, primitive_type, primitive_name) (rate(tta_primitive_executions_total{status!="cancelled"}[5m])) > 0)"#,
};

/// Errors per second, by type.
pub static RATE_BY_TYPE: Recording = Recording {
    name: "primitive_error_type:tta_primitive_errors:rate5m",
    title: "Errors by type",
    description: "Calls of each primitive that went wrong, per second and type of the error.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_type, primitive_name, error_type) (rate(tta_primitive_errors_total[5m]))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-errors",
    description: "Errors of each primitive.",
    interval: "30s",
    rules: &[&RATIO, &RATE_BY_TYPE],
};
