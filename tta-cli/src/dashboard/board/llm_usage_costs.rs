//! Model calls, tokens, costs and savings.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, MODEL, Variable, WORKFLOW};
use crate::rule::recording::{budget, cost, day, evaluations, models, slo, tokens};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "llm-usage-costs",
        title: "LLM usage and costs",
        description: "What models are asked, how they answer, what that costs, who causes it, and what is saved.",
        variables: vec![Variable::Datasource, JOB, INSTANCE, WORKFLOW, MODEL],
        sections: vec![money(), budgets(), tokens(), answers(), evaluations()],
    }
}

fn money() -> Section {
    Section {
        title: "Money",
        panels: vec![
            Panel::of(Kind::Stat(Thresholds::None), Size::WideTile, [Query::of(&cost::PER_HOUR, "{{job}}")]),
            Panel::of(Kind::Stat(Thresholds::None), Size::WideTile, [Query::of(&day::COST, "{{job}}")]),
            Panel::of(Kind::Stat(Thresholds::None), Size::WideTile, [Query::of(&day::SAVINGS, "{{job}}")]),
            Panel::of(Kind::Stat(Thresholds::None), Size::WideTile, [Query::of(&cost::SAVINGS_RATIO, "{{source}}")]),
            Panel::new(
                "Cost per hour by model",
                "US dollars that an hour costs at this pace, by model.",
                Kind::Areas,
                Size::Half,
                [Query::over("$0 * 3600", [&cost::RATE_BY_MODEL], "{{provider}} {{model}}", Unit::Usd)],
            ),
            Panel::new(
                "Cost per hour by workflow",
                "US dollars that an hour costs at this pace, by the workflow and the agent that cause it.",
                Kind::Areas,
                Size::Half,
                [Query::over("$0 * 3600", [&cost::RATE_BY_WORKFLOW], "{{workflow_name}} {{agent_type}}", Unit::Usd)],
            ),
            Panel::new(
                "Cost per hour by tenant",
                "US dollars that an hour costs at this pace, for each of the tenants with the highest cost, and together for all others.",
                Kind::Areas,
                Size::Line,
                [Query::raw(
                    "sum by (tenant) (rate(tta_llm_cost_by_tenant_total[$__rate_interval])) * 3600",
                    "{{tenant}}",
                    Unit::Usd,
                )],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cost::RUN_MEAN, "{{workflow_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cost::RUN_P95, "{{workflow_name}}")]),
            Panel::new(
                "Savings per hour",
                "US dollars that caches and routers save in an hour at the pace of the past hour.",
                Kind::Areas,
                Size::Line,
                [Query::over("$0 * 3600", [&cost::SAVINGS_RATE], "{{source}}", Unit::Usd)],
            ),
        ],
    }
}

fn budgets() -> Section {
    Section {
        title: "Budgets",
        panels: vec![
            Panel::new(
                "Budgets of money",
                "US dollars that are left of each budget, on the instance that has the least; at 0, calls are refused.",
                Kind::Lines,
                Size::Third,
                [Query::of(&budget::REMAINING, "{{budget}}")],
            ),
            Panel::new(
                "Budgets of tokens",
                "Tokens that are left of each budget, on the instance that has the least; at 0, calls are refused.",
                Kind::Lines,
                Size::Third,
                [Query::raw("min by (budget) (tta_budget_remaining_tokens)", "{{budget}}", Unit::Count)],
            ),
            Panel::new(
                "Budgets of calls",
                "Calls that are left of each budget, on the instance that has the least; at 0, calls are refused.",
                Kind::Lines,
                Size::Third,
                [Query::raw("min by (budget) (tta_budget_remaining_requests)", "{{budget}}", Unit::Count)],
            ),
            Panel::new(
                "Calls that budgets refused",
                "Calls per second that were not started, since too little was left of a budget.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "sum by (budget) (rate(tta_budget_refusals_total[$__rate_interval]))",
                    "{{budget}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::new(
                "Calls that budgets by tenant refused",
                "Calls per second that were not started, for each of the tenants with the most of them, and together for all others.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "sum by (budget, tenant) (rate(tta_budget_refusals_by_tenant_total[$__rate_interval]))",
                    "{{budget}} {{tenant}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::new(
                "Amounts in memory",
                "Workflows, agents or tenants whose amounts the instances keep in memory: those that called lately.",
                Kind::Lines,
                Size::Third,
                [Query::raw("sum by (budget) (tta_budget_accounts)", "{{budget}}", Unit::Count)],
            ),
            Panel::new(
                "Shared budgets without their Redis",
                "Instances that do not reach the Redis of a shared budget; a strict budget refuses their calls, a degraded one lets each spend a share.",
                Kind::Lines,
                Size::Third,
                [Query::raw("sum by (budget) (tta_budget_away)", "{{budget}}", Unit::Count)],
            ),
            Panel::new(
                "Requests of shared budgets per model call",
                "Requests to Redis for each call to a model; above one in twenty, tenants call rarely, processes are new, or Redis does not answer.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    r#"sum by (job, budget) (rate(tta_budget_exchanges_total[$__rate_interval]))
                        / on (job) group_left () (sum by (job) (rate(tta_primitive_executions_total{primitive_type="llm"}[$__rate_interval])) > 0)"#,
                    "{{budget}}",
                    Unit::Ratio,
                )],
            ),
        ],
    }
}

fn tokens() -> Section {
    Section {
        title: "Tokens",
        panels: vec![
            Panel::new(
                "Tokens by model",
                "Tokens of all kinds together that each model used, per second.",
                Kind::Areas,
                Size::Half,
                [Query::over("sum by (job, model) ($0)", [&tokens::RATE], "{{model}}", Unit::PerSecond)],
            ),
            Panel::new(
                "Tokens by kind",
                "Tokens per second: fresh input, input that the provider had cached, input written to its cache, output, reasoning.",
                Kind::Areas,
                Size::Half,
                [Query::over("sum by (job, token_type) ($0)", [&tokens::RATE], "{{token_type}}", Unit::PerSecond)],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&tokens::PROMPT_CACHE_RATIO, "{{model}}")]),
            Panel::new(
                "Calls without a price",
                "Calls per second that used tokens of a model whose price is not known: they are missing from every cost here.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "sum by (provider, model) (rate(tta_llm_unpriced_total[$__rate_interval]))",
                    "{{provider}} {{model}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cost::PRICES_AGE, "{{job}}")]),
            Panel::new(
                "Calls by what their cost is based on",
                "Calls per second: reported by the provider, priced, priced in part and why, without a price, without usage.",
                Kind::Areas,
                Size::Half,
                [Query::raw(
                    "sum by (basis) (rate(tta_llm_calls_by_price_total[$__rate_interval]))",
                    "{{basis}}",
                    Unit::CallsPerSecond,
                )],
            ),
        ],
    }
}

fn answers() -> Section {
    Section {
        title: "Answers",
        panels: vec![
            Panel::of(
                Kind::Areas,
                Size::Half,
                [Query::over(
                    "sum by (job, model, status) ($0)",
                    [&models::RATE],
                    "{{model}}: {{status}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&models::ERROR_RATIO, "{{provider}} {{model}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&models::DURATION_P95, "{{provider}} {{model}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&models::FIRST_TOKEN_P95, "{{provider}} {{model}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&models::OUTPUT_TOKEN_P95, "{{provider}} {{model}}")]),
        ],
    }
}

fn evaluations() -> Section {
    Section {
        title: "Evaluations",
        panels: vec![
            Panel::of(Kind::Lines, Size::Third, [Query::of(&evaluations::AVERAGE, "{{name}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&evaluations::P10, "{{name}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&evaluations::RATE, "{{name}}")]),
            Panel::new(
                "Objectives of scores",
                "Each objective of an evaluation: the share of results that should reach its score, the share in 30 days that did, what is left of \
             the error budget, and how fast it goes.",
                Kind::Table { by: "Burn rate" },
                Size::Line,
                [
                    Query::over(r#"$0{slo="score"}"#, [&slo::budget::OBJECTIVE], "Objective", Unit::Ratio),
                    Query::over(r#"1 - $0{slo="score"}"#, [&slo::budget::RATIO_30D], "Good in 30 days", Unit::Ratio),
                    Query::over(r#"$0{slo="score"}"#, [&slo::budget::REMAINING], "Budget left", Unit::Ratio),
                    Query::over(r#"$0{slo="score"}"#, [&slo::budget::BURN], "Burn rate", Unit::Multiple),
                ],
            ),
        ],
    }
}
