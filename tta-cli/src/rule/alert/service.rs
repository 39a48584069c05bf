//! Alerts on unreachable and missing instances.

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
    description: "Prometheus has not reached its /metrics for a minute: the process has ended, hangs, or listens elsewhere.",
};

/// Nothing of the job is scraped. A target that left the service discovery has no `up`, so it cannot be found to be down.
///
/// A job that pushes, or sends its metrics through a collector, has no `up` either, and is there while its series are.
pub static MISSING: Alert = Alert {
    name: "TtaServiceMissing",
    severity: Severity::Critical,
    query: r#"absent_over_time(up{job="$job"}[5m]) unless on (job) tta_build_info{job="$job"}"#,
    pending_for: Some("1m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.job }} has had no instance to scrape for 5 minutes (absent = {{ $value }})",
    description: "Prometheus knows no target of this job: all instances have left the service discovery, or the job has another name. No other alert can see it.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-service",
    description: "Unreachable and missing instances.",
    interval: "15s",
    alerts: &[&DOWN, &MISSING],
};
