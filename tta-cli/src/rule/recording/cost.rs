//! Costs, and savings by caches and routers.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Dollars per hour.
pub static PER_HOUR: Recording = Recording {
    name: "tta:cost_per_hour_dollars",
    title: "Cost per hour",
    description: "US dollars that an hour costs at the pace of the past hour.",
    unit: Unit::Usd,
    query: "sum by (job) (rate(tta_llm_cost_total[1h])) * 3600",
};

/// Dollars per second, of each model.
pub static RATE_BY_MODEL: Recording = Recording {
    name: "model:tta_llm_cost:rate5m",
    title: "Cost by model",
    description: "US dollars that each model costs, per second.",
    unit: Unit::UsdPerSecond,
    query: "sum by (job, provider, model) (rate(tta_llm_cost_total[5m]))",
};

/// Dollars per second, of each workflow and agent.
pub static RATE_BY_WORKFLOW: Recording = Recording {
    name: "workflow:tta_llm_cost:rate5m",
    title: "Cost by workflow",
    description: "US dollars that each workflow and agent costs, per second.",
    unit: Unit::UsdPerSecond,
    query: "sum by (job, workflow_name, agent_type) (rate(tta_llm_cost_total[5m]))",
};

/// The 95th percentile of the cost of each workflow's runs.
pub static RUN_P95: Recording = Recording {
    name: "workflow:tta_workflow_cost_usd:p95_1h",
    title: "p95 cost of a run",
    description: "US dollars that 95 % of the runs of each workflow in the past hour cost at most, nested workflows included.",
    unit: Unit::Usd,
    query: "histogram_quantile(0.95, sum by (job, workflow_name, le) (rate(tta_workflow_cost_usd_bucket[1h])))",
};

/// The mean cost of each workflow's runs.
pub static RUN_MEAN: Recording = Recording {
    name: "workflow:tta_workflow_cost_usd:mean_1h",
    title: "Cost of a run",
    description: "US dollars that a run of each workflow in the past hour cost on average, nested workflows included.",
    unit: Unit::Usd,
    query: "sum by (job, workflow_name) (rate(tta_workflow_cost_usd_sum[1h]))
        / (sum by (job, workflow_name) (rate(tta_workflow_cost_usd_count[1h])) > 0)",
};

/// The age of the prices of the instance whose prices are the oldest.
pub static PRICES_AGE: Recording = Recording {
    name: "job:tta_llm_prices_age_seconds:max",
    title: "Age of prices",
    description: "Time since the prices that the job reads were current, on the instance where they are the oldest.",
    unit: Unit::Seconds,
    query: "max by (job) (min by (job, instance) (tta_llm_prices_age_seconds))",
};

/// Dollars saved per second, by source.
pub static SAVINGS_RATE: Recording = Recording {
    name: "source:tta_llm_savings:rate1h",
    title: "Savings by source",
    description: "US dollars that caches and routers saved in the past hour, per second.",
    unit: Unit::UsdPerSecond,
    query: "sum by (job, source) (rate(tta_llm_savings_total[1h]))",
};

/// Savings as a share of the cost without them.
pub static SAVINGS_RATIO: Recording = Recording {
    name: "source:tta_llm_savings:ratio_rate1h",
    title: "Share saved",
    description: "What caches and routers saved in the past hour, as a share of what it would have cost without them.",
    unit: Unit::Ratio,
    query: "source:tta_llm_savings:rate1h / on (job) group_left ()
        ((sum by (job) (rate(tta_llm_cost_total[1h])) + on (job) sum by (job) (source:tta_llm_savings:rate1h)) > 0)",
};

/// Savings of routers, as a share of the cost of their models without routing.
pub static ROUTER_SAVINGS_RATIO: Recording = Recording {
    name: "job:tta_llm_savings_router:ratio_rate1h",
    title: "Share saved by routing",
    description: "What routers saved in the past hour, as a share of what the models that they route to would have cost without \
        them. Calls to other models and what caches saved are left out.",
    unit: Unit::Ratio,
    query: r#"sum by (job) (rate(tta_llm_savings_total{source="router"}[1h]))
        / (sum by (job) (rate(tta_llm_savings_total{source="router"}[1h]))
            + sum by (job) (rate(tta_llm_cost_total[1h])
                and on (job, instance, provider, model) rate(tta_llm_savings_total{source="router"}[1h])) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-cost",
    description: "Costs, and savings by caches and routers.",
    interval: "30s",
    rules: &[
        &PER_HOUR,
        &RATE_BY_MODEL,
        &RATE_BY_WORKFLOW,
        &RUN_P95,
        &RUN_MEAN,
        &PRICES_AGE,
        &SAVINGS_RATE,
        &SAVINGS_RATIO,
        &ROUTER_SAVINGS_RATIO,
    ],
};
