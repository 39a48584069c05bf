//! Alerts on unreachable instances.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// An instance cannot be scraped.
pub static DOWN: Alert = Alert {
    name: "TtaServiceDown",
    severity: Severity::Critical,
    query: r#"up{job="$job"} == 0"#,
    pending_for: Some("1m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.instance }} of {{ $labels.job }} is down (up = {{ $value }})",
    description: "Prometheus has not reached its /metrics for a minute: the process is gone, hangs, or listens elsewhere.",
};

/// The rule group.
pub static GROUP: AlertGroup =
    AlertGroup { name: "tta-alerts-service", description: "Unreachable instances.", interval: "15s", alerts: &[&DOWN] };
