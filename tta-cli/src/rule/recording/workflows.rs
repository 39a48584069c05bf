//! Rates and durations of whole workflows.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Workflows per second.
pub static RATE: Recording = Recording {
    name: "tta:workflow_rate_5m",
    title: "Workflow rate",
    description: "Runs of each workflow that ended, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job, workflow_name) (rate(tta_workflow_executions_total[5m]))",
};

/// The share of workflows that succeeded.
pub static SUCCESS_RATE: Recording = Recording {
    name: "tta:workflow_success_rate_5m",
    title: "Workflow success rate",
    description: "Share of each workflow's runs that succeeded; cancelled runs are left out.",
    unit: Unit::Ratio,
    query: r#"sum by (job, workflow_name) (rate(tta_workflow_executions_total{status="success"}[5m]))
        / (sum by (job, workflow_name) (rate(tta_workflow_executions_total{status!="cancelled"}[5m])) > 0)"#,
};

/// The 95th percentile of each workflow's duration.
pub static DURATION_P95: Recording = Recording {
    name: "tta:workflow_duration_p95_5m",
    title: "p95 duration by workflow",
    description: "Time within which 95 % of each workflow's runs end.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, workflow_name, le) (rate(tta_workflow_duration_seconds_bucket[5m])))",
};

/// The 95th percentile of the slowest workflow.
pub static SLOWEST_P95: Recording = Recording {
    name: "tta:p95_latency_seconds",
    title: "p95 latency",
    description: "Time within which 95 % of the runs of the job's slowest workflow end. Workflows may have buckets of their own, \
        so they cannot be added up to one percentile.",
    unit: Unit::Seconds,
    query: "max by (job) (tta:workflow_duration_p95_5m)",
};

/// Workflows in progress.
pub static ACTIVE: Recording = Recording {
    name: "workflow:tta_workflows_active:sum",
    title: "Active workflows",
    description: "Runs of each workflow in progress, by the agent that started them, on all instances together.",
    unit: Unit::Count,
    query: "sum by (job, workflow_name, agent_type) (tta_workflows_active)",
};

/// Errors of workflows over an hour.
pub static ERROR_RATIO_1H: Recording = Recording {
    name: "workflow:tta_workflow_errors:ratio_rate1h",
    title: "Workflow error rate of the past hour",
    description: "Share of each workflow's runs in the past hour that failed, timed out or panicked.",
    unit: Unit::Ratio,
    query: r#"sum by (job, workflow_name) (rate(tta_workflow_executions_total{status=~"failure|timeout|panicked"}[1h]))
        / (sum by (job, workflow_name) (rate(tta_workflow_executions_total{status!="cancelled"}[1h])) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-workflows",
    description: "Rates and durations of whole workflows.",
    interval: "30s",
    rules: &[&RATE, &SUCCESS_RATE, &DURATION_P95, &SLOWEST_P95, &ACTIVE, &ERROR_RATIO_1H],
};
