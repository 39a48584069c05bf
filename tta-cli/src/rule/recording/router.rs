//! Routers.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Decisions per second.
pub static RATE: Recording = Recording {
    name: "router_route:tta_router_decisions:rate5m",
    title: "Routes taken",
    description: "Calls that each router sent along each route, per second and reason.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, route, reason) (rate(tta_router_decisions_total[5m]))",
};

/// The share of each route's calls that failed, timed out or panicked.
pub static ERROR_RATIO: Recording = Recording {
    name: "router_route:tta_router_errors:ratio_rate5m",
    title: "Error rate by route",
    description: "Share of the calls along each route that ended in an error.",
    unit: Unit::Ratio,
    query: "sum by (job, primitive_name, route) (rate(tta_router_errors_total[5m]))
        / (sum by (job, primitive_name, route) (router_route:tta_router_decisions:rate5m) > 0)",
};

/// The 95th percentile of each route's duration.
pub static DURATION_P95: Recording = Recording {
    name: "router_route:tta_router_duration_seconds:p95_5m",
    title: "p95 duration by route",
    description: "Time within which 95 % of the calls along each route end.",
    unit: Unit::Seconds,
    query: "histogram_quantile(0.95, sum by (job, primitive_name, route, le) (rate(tta_router_duration_seconds_bucket[5m])))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-router",
    description: "Routers.",
    interval: "30s",
    rules: &[&RATE, &ERROR_RATIO, &DURATION_P95],
};
