//! Alerts on agents that loop.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// An agent made the same calls again and again. Calls that are only counted, and let through, count as well.
pub static LOOPS: Alert = Alert {
    name: "TtaAgentLoops",
    severity: Severity::Warning,
    query: "sum by (job, primitive_name) (increase(tta_loops_total[15m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: r#"Agents repeated {{ $labels.primitive_name }} {{ $value | printf "%.0f" }} times too often in 15 minutes"#,
    description: "The same calls with the same arguments were made in a row, as often as the loop guard allows, and then once more. The run did not get ahead.",
};

/// Runs end at their limit of steps or cost.
pub static LIMITS: Alert = Alert {
    name: "TtaRunLimitReached",
    severity: Severity::Warning,
    query: "sum by (job, primitive_name, limit) (increase(tta_run_limits_total[15m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: r#"{{ $value | printf "%.0f" }} calls of {{ $labels.primitive_name }} were stopped at their run's limit on {{ $labels.limit }} in 15 minutes"#,
    description: "The run had made as many steps, or had cost as much, as its loop guard allows: its work is not done.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-loops",
    description: "Agents that repeat themselves, and runs that reach their limits.",
    interval: "30s",
    alerts: &[&LOOPS, &LIMITS],
};
