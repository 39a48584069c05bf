//! Call rates and success rates of a whole job.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second.
pub static REQUEST_RATE: Recording = Recording {
    name: "tta:request_rate_5m",
    title: "Request rate",
    description: "Calls of annotated functions that ended, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job) (rate(tta_primitive_executions_total[5m]))",
};

/// The share of calls that succeeded.
pub static SUCCESS_RATE: Recording = Recording {
    name: "tta:success_rate_5m",
    title: "Success rate",
    description: "Share of the calls that succeeded; cancelled calls are neither success nor error.",
    unit: Unit::Ratio,
    query: r#"sum by (job) (rate(tta_primitive_executions_total{status="success"}[5m]))
        / (sum by (job) (rate(tta_primitive_executions_total{status!="cancelled"}[5m])) > 0)"#,
};

/// The share of calls that failed, timed out or panicked.
pub static ERROR_RATE: Recording = Recording {
    name: "tta:error_rate_5m",
    title: "Error rate",
    description: "Share of the calls that failed, timed out or panicked; with the success rate it makes 1.",
    unit: Unit::Ratio,
    query: r#"sum by (job) (rate(tta_primitive_executions_total{status=~"failure|timeout|panicked"}[5m]))
        / (sum by (job) (rate(tta_primitive_executions_total{status!="cancelled"}[5m])) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-requests",
    description: "Call rates and success rates of a whole job.",
    interval: "30s",
    rules: &[&REQUEST_RATE, &SUCCESS_RATE, &ERROR_RATE],
};
