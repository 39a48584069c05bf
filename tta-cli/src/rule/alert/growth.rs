//! What is worth knowing, and nothing has to be done about today.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// There is much more to do than a day ago.
pub static GROWTH: Alert = Alert {
    name: "TtaRequestGrowth",
    severity: Severity::Info,
    query: "tta:request_growth_rate_24h > 0.5 and on (job) sum by (job) (increase(tta_primitive_executions_total[1h])) >= 1000",
    pending_for: Some("30m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.job }} has {{ $value | humanizePercentage }} more calls than at this time yesterday",
    description: "Over half as many again. Look at cost and capacity before they look at you.",
};

/// The group of them.
pub static GROUP: AlertGroup =
    AlertGroup { name: "tta-alerts-growth", description: "What is worth knowing.", interval: "1m", alerts: &[&GROWTH] };
