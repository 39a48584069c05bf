//! Totals of the past day.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls in a day.
pub static EXECUTIONS: Recording = Recording {
    name: "tta:total_executions_24h",
    title: "Calls in 24 hours",
    description: "Calls of annotated functions that ended in the past 24 hours.",
    unit: Unit::Count,
    query: "sum by (job) (increase(tta_primitive_executions_total[24h]))",
};

/// Dollars saved in a day.
pub static SAVINGS: Recording = Recording {
    name: "tta:estimated_cost_savings_24h",
    title: "Savings in 24 hours",
    description: "US dollars that caches and routers saved in the past 24 hours, at the real usage and prices of the answers.",
    unit: Unit::Usd,
    query: "sum by (job) (increase(tta_llm_savings_total[24h]))",
};

/// Dollars spent in a day.
pub static COST: Recording = Recording {
    name: "job:tta_llm_cost:increase1d",
    title: "Cost in 24 hours",
    description: "US dollars that models cost in the past 24 hours.",
    unit: Unit::Usd,
    query: "sum by (job) (increase(tta_llm_cost_total[24h]))",
};

/// The growth of traffic within a day.
pub static GROWTH: Recording = Recording {
    name: "tta:request_growth_rate_24h",
    title: "Growth in 24 hours",
    description: "How much more calls there were in the past hour than in the same hour a day before: 0.5 is half as many again.",
    unit: Unit::Ratio,
    query: "sum by (job) (rate(tta_primitive_executions_total[1h]))
        / (sum by (job) (rate(tta_primitive_executions_total[1h] offset 24h)) > 0) - 1",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-day",
    description: "The past day.",
    interval: "2m",
    rules: &[&EXECUTIONS, &SAVINGS, &COST, &GROWTH],
};
