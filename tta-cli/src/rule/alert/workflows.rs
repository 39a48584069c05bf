//! Alerts on work that fails, slows down or piles up.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// Many more workflows fail than before.
pub static FAILURES: Alert = Alert {
    name: "TtaWorkflowFailureSpike",
    severity: Severity::Warning,
    query: r#"1 - tta:workflow_success_rate_5m > 0.1
        unless 1 - tta:workflow_success_rate_5m <= 3 * workflow:tta_workflow_errors:ratio_rate1h offset 1h
        and sum by (job, workflow_name) (increase(tta_workflow_executions_total{status!="cancelled"}[5m])) >= 10"#,
    pending_for: Some("2m"),
    keep_firing_for: Some("5m"),
    labels: &[],
    summary: "{{ $value | humanizePercentage }} of {{ $labels.workflow_name }}'s runs go wrong",
    description: "That is over 10 %, and over three times as much as an hour ago, if the workflow ran then.",
};

/// Calls take longer than a day ago.
pub static LATENCY: Alert = Alert {
    name: "TtaLatencyTrend",
    severity: Severity::Warning,
    query: "primitive:tta_execution_duration_seconds:p95_1h > 1.5 * primitive:tta_execution_duration_seconds:p95_1h offset 1d
        and primitive:tta_execution_duration_seconds:p95_1h > 0.1
        and sum by (job, primitive_type, primitive_name) (increase(tta_execution_duration_seconds_count[1h])) >= 100",
    pending_for: Some("15m"),
    keep_firing_for: None,
    labels: &[],
    summary: "95 % of {{ $labels.primitive_name }}'s calls take up to {{ $value | humanizeDuration }}, half as long again as a day ago",
    description: "The past hour's p95 is over 1.5 times that of the same hour a day before.",
};

/// Calls pile up.
pub static SATURATION: Alert = Alert {
    name: "TtaInFlightSaturation",
    severity: Severity::Warning,
    query: "primitive:tta_primitive_active:sum > 3 * primitive:tta_execution_duration_seconds:concurrency_rate5m
        and primitive:tta_primitive_active:sum >= 20",
    pending_for: Some("5m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value }} calls of {{ $labels.primitive_name }} are in progress, and few of them end",
    description: "Three times as many calls are in progress as those that end account for (rate times duration): calls hang, or \
        more arrive than are finished.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-workflows",
    description: "Work that fails, slows down or piles up.",
    interval: "30s",
    alerts: &[&FAILURES, &LATENCY, &SATURATION],
};
