//! Alerts that inform about growth.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// Traffic grew much within a day.
pub static GROWTH: Alert = Alert {
    name: "TtaRequestGrowth",
    severity: Severity::Info,
    query: "tta:request_growth_rate_24h > 0.5 and on (job) sum by (job) (increase(tta_primitive_executions_total[1h])) >= 1000",
    pending_for: Some("30m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.job }} has {{ $value | humanizePercentage }} more calls than at this time yesterday",
    description: "Over half as many again. Check cost and capacity.",
};

/// The rule group.
pub static GROUP: AlertGroup =
    AlertGroup { name: "tta-alerts-growth", description: "Growth of traffic.", interval: "1m", alerts: &[&GROWTH] };
