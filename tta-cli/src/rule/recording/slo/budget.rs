//! Error budgets: the allowed share of bad events, the rest of the budget, and its burn rate.

use crate::rule::row::{Recording, Unit};

/// Events per second.
pub static EVENTS: Recording = Recording {
    name: "slo:tta_slo_events:rate5m",
    title: "Events",
    description: "Events of each objective, good and bad, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, slo) (rate(tta_slo_events_total[5m]))",
};

/// Bad events per second.
pub static BAD_EVENTS: Recording = Recording {
    name: "slo:tta_slo_events_bad:rate5m",
    title: "Bad events",
    description: "Bad events of each objective, per second.",
    unit: Unit::PerSecond,
    query: r#"sum by (job, primitive_name, slo) (rate(tta_slo_events_total{outcome="bad"}[5m]))"#,
};

/// Events in 30 days.
pub static EVENTS_30D: Recording = Recording {
    name: "slo:tta_slo_events:sum30d",
    title: "Events in 30 days",
    description: "Events of each objective in the past 30 days, good and bad.",
    unit: Unit::Count,
    query: "sum_over_time(slo:tta_slo_events:rate5m[30d]) * $interval",
};

/// The share of bad events in 30 days.
pub static RATIO_30D: Recording = Recording {
    name: "slo:tta_slo_errors:ratio_rate30d",
    title: "Bad events in 30 days",
    description: "Share of the events of the past 30 days that were bad. Each event counts alike, whether it came in a busy or in a \
        quiet hour: bad ones are added up and divided by all, and no ratio is averaged.",
    unit: Unit::Ratio,
    query: "sum_over_time(slo:tta_slo_events_bad:rate5m[30d]) / (sum_over_time(slo:tta_slo_events:rate5m[30d]) > 0)",
};

/// The objective. The maximum over five minutes bridges missed scrapes; a gap would restart an alert that is pending for an hour.
pub static OBJECTIVE: Recording = Recording {
    name: "slo:tta_slo_objective:ratio",
    title: "Objective",
    description: "Share of events that each objective wants to be good; the strictest, where instances differ during a rollout.",
    unit: Unit::Ratio,
    query: "max by (job, primitive_name, slo) (max_over_time(tta_slo_objective_ratio[5m]))",
};

/// The share of bad events that the objective allows.
pub static ALLOWED: Recording = Recording {
    name: "slo:tta_slo_error_budget:ratio",
    title: "Error budget",
    description: "Share of events that each objective allows to be bad.",
    unit: Unit::Ratio,
    query: "1 - slo:tta_slo_objective:ratio",
};

/// The share of the budget that is left.
pub static REMAINING: Recording = Recording {
    name: "slo:tta_slo_error_budget_remaining:ratio",
    title: "Remaining error budget",
    description: "Share of the 30-day budget that is left: 1 is untouched, 0 is used up, below 0 the objective is missed.",
    unit: Unit::Ratio,
    query: "1 - slo:tta_slo_errors:ratio_rate30d / (slo:tta_slo_error_budget:ratio > 0)",
};

/// The burn rate: 1 uses up the budget in exactly 30 days.
pub static BURN: Recording = Recording {
    name: "slo:tta_slo_burn:ratio_rate1h",
    title: "Burn rate",
    description: "How many times faster than allowed the past hour used up the budget: at 1 it lasts 30 days, at 14.4 two.",
    unit: Unit::Multiple,
    query: "slo:tta_slo_errors:ratio_rate1h / (slo:tta_slo_error_budget:ratio > 0)",
};
