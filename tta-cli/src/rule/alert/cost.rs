//! Alerts on money and tokens.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// A budget is exhausted, or soon will be at a pace that two windows agree on. One dear call stays in the short window for less time than
/// the alert is pending. Money that is only reserved is not spent.
pub static BUDGET: Alert = Alert {
    name: "TtaCostBudgetBurn",
    severity: Severity::Critical,
    query: "min by (job, budget) (tta_budget_unspent_usd <= 0
        or (tta_budget_unspent_usd and predict_linear(tta_budget_unspent_usd[10m], 900) <= 0
            and predict_linear(tta_budget_unspent_usd[3m], 900) <= 0))",
    pending_for: Some("4m"),
    keep_firing_for: None,
    labels: &[],
    summary: "The budget {{ $labels.budget }} has {{ $value | humanize }} US dollars that are not spent",
    description: "At the pace of the past ten minutes and of the past three they are spent within 15, or all is spent already. Then calls are refused until the budget's period ends.",
};

/// A budget refuses calls.
pub static REFUSALS: Alert = Alert {
    name: "TtaBudgetRefusing",
    severity: Severity::Warning,
    query: "sum by (job, budget) (increase(tta_budget_refusals_total[5m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("5m"),
    labels: &[],
    summary: "The budget {{ $labels.budget }} refused {{ $value | humanize }} calls in 5 minutes",
    description: "Less was left than these calls might cost, so they did not start: work is not done until the period ends.",
};

/// The Redis of a shared budget is away. A restart alone makes a budget wait for the time of a lease, ten seconds.
pub static AWAY: Alert = Alert {
    name: "TtaBudgetAway",
    severity: Severity::Warning,
    query: "sum by (job, budget) (tta_budget_away) > 0",
    pending_for: Some("1m"),
    keep_firing_for: None,
    labels: &[],
    summary: r#"The Redis of the budget {{ $labels.budget }} is away for {{ $value | printf "%.0f" }} instances"#,
    description: "A strict budget refuses the calls of these instances; a degraded one lets each spend a share of the limit, and the fleet may spend more than the budget.",
};

/// A budget passed its soft limit.
pub static SOFT_LIMIT: Alert = Alert {
    name: "TtaBudgetSoftLimit",
    severity: Severity::Warning,
    query: "sum by (job, budget) (increase(tta_budget_soft_limit_reached_total[15m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: r#"The budget {{ $labels.budget }} passed its soft limit {{ $value | printf "%.0f" }} times in 15 minutes"#,
    description: "The budget's soft limit is spent: 80 % of the budget, unless another limit is set. Calls continue until the whole budget is spent.",
};

/// Tokens have no known price. `increase` misses the first value of a new series, so the query adds series that did not exist before.
pub static UNPRICED: Alert = Alert {
    name: "TtaUnpricedTokens",
    severity: Severity::Warning,
    query: "sum by (job, provider, model) ((max_over_time(tta_llm_unpriced_total[1h]) unless last_over_time(tta_llm_unpriced_total[1h] offset 1h))
        or increase(tta_llm_unpriced_total[1h])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: "{{ $value | humanize }} calls to {{ $labels.provider }}'s {{ $labels.model }} in the past hour have no price",
    description: "Their tokens are counted and their cost is not: every cost shown is too low. Add the model's price.",
};

/// Calls whose cost is known in part only, or ended without usage although other calls of the model report it.
pub static INCOMPLETE: Alert = Alert {
    name: "TtaCostIncomplete",
    severity: Severity::Warning,
    query: r#"sum by (job, provider, model) (increase(tta_llm_calls_by_price_total{basis=~"partly_priced_.*|no_usage"}[1h]))
        > 0.05 * sum by (job, provider, model) (increase(tta_llm_calls_by_price_total[1h]))
        and sum by (job, provider, model) (increase(tta_llm_calls_by_price_total{basis!="no_usage"}[1h])) > 0.5"#,
    pending_for: Some("15m"),
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: "The cost of {{ $value | humanize }} calls to {{ $labels.provider }}'s {{ $labels.model }} in the past hour is not known in full",
    description: "A service tier, a modality or a tool has no price, a total differs from the counts, or calls ended without usage. The basis says which.",
};

/// Prices from a file or a URL are old.
pub static PRICES_OLD: Alert = Alert {
    name: "TtaPricesOld",
    severity: Severity::Warning,
    query: "job:tta_llm_prices_age_seconds:max > 30 * 86400",
    pending_for: None,
    keep_firing_for: None,
    labels: &[],
    summary: "The prices that {{ $labels.job }} reads are {{ $value | humanizeDuration }} old",
    description: "On an instance they were not renewed for 30 days. Models that are newer have no price, and prices that changed are wrong.",
};

/// Token usage tripled against the past hour and the day before.
pub static TOKEN_RATE: Alert = Alert {
    name: "TtaTokenRateAnomaly",
    severity: Severity::Warning,
    query: "job:tta_llm_tokens:rate5m > 3 * job:tta_llm_tokens:rate1h offset 1h
        and job:tta_llm_tokens:rate5m > 3 * job:tta_llm_tokens:rate1h offset 1d
        and sum by (job) (increase(tta_llm_requests_total[5m])) >= 20",
    pending_for: Some("10m"),
    keep_firing_for: Some("5m"),
    labels: &[],
    summary: "{{ $labels.job }} uses {{ $value | humanize }} tokens a second, three times what it did an hour and a day ago",
    description: "A loop, longer prompts, a retry that repeats whole conversations, or simply more work: compare with the call rate.",
};

/// The router saves little.
pub static ROUTER_SAVINGS: Alert = Alert {
    name: "TtaRouterSavingsLow",
    severity: Severity::Warning,
    query: "job:tta_llm_savings_router:ratio_rate1h < 0.2
        and sum by (job) (increase(tta_router_decisions_total[1h])) >= 100",
    pending_for: Some("30m"),
    keep_firing_for: None,
    labels: &[],
    summary: "Routing saves {{ $labels.job }} only {{ $value | humanizePercentage }}",
    description: "In the past hour routers saved less than 20 % of what the models that they route to would have cost without them.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-cost",
    description: "Money and tokens.",
    interval: "30s",
    alerts: &[
        &BUDGET,
        &REFUSALS,
        &AWAY,
        &SOFT_LIMIT,
        &UNPRICED,
        &INCOMPLETE,
        &PRICES_OLD,
        &TOKEN_RATE,
        &ROUTER_SAVINGS,
    ],
};
