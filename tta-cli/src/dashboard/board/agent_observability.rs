//! Agents at a glance: overview, workflows, primitives and resources.

use super::health;
use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, MODEL, PRIMITIVE, TRACE, Variable, WORKFLOW};
use crate::rule::recording::{
    cache, cost, edges, errors, fallback, latency, primitives, requests, retry, tokens, workflows,
};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "agent-observability",
        title: "Agent observability",
        description: "What agents do: how well it goes, where the time goes, what fails, and what it costs.",
        variables: vec![
            Variable::Datasource,
            JOB,
            INSTANCE,
            WORKFLOW,
            PRIMITIVE,
            MODEL,
            Variable::Traces,
            Variable::Text {
                name: "service",
                title: "Service",
                description: "The name under which the program's traces are at Jaeger: its `service.name`.",
                default: "tta-examples",
            },
            Variable::Text {
                name: TRACE,
                title: "Trace",
                description: "The trace that the time line shows; a click in the list of traces fills it in.",
                default: "",
            },
        ],
        sections: vec![overview(), workflows(), primitives(), resources()],
    }
}

fn overview() -> Section {
    Section {
        title: "Overview",
        panels: vec![
            health::score(),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&requests::REQUEST_RATE, "{{job}}")]),
            Panel::new(
                "Active workflows",
                "Workflows in progress.",
                Kind::Stat(Thresholds::None),
                Size::Tile,
                [Query::over("sum by (job) ($0)", [&workflows::ACTIVE], "{{job}}", Unit::Count)],
            ),
            Panel::of(
                Kind::Stat(Thresholds::LowerIsBetter(0.01, 0.05)),
                Size::Tile,
                [Query::of(&requests::ERROR_RATE, "{{job}}")],
            ),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&workflows::SLOWEST_P95, "{{job}}")]),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&cost::PER_HOUR, "{{job}}")]),
            Panel::new(
                "Service map",
                "Which primitive calls which, and how often per second.",
                Kind::NodeGraph,
                Size::Half,
                [Query::over(
                    r#"label_join(sum by (source, target) ($0) > 0, "id", " → ", "source", "target")"#,
                    [&edges::RATE],
                    "{{id}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::of(Kind::Areas, Size::Half, [Query::of(&primitives::RATE, "{{primitive_name}}")]),
            Panel::of(
                Kind::Areas,
                Size::Half,
                [Query::over(
                    "sum by (job, error_type) ($0)",
                    [&errors::RATE_BY_TYPE],
                    "{{error_type}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::new(
                "Active workflows by agent",
                "Runs of each workflow in progress, by the agent that started them.",
                Kind::Lines,
                Size::Half,
                [Query::of(&workflows::ACTIVE, "{{workflow_name}} {{agent_type}}")],
            ),
        ],
    }
}

fn workflows() -> Section {
    Section {
        title: "Workflows",
        panels: vec![
            Panel::new(
                "Latest traces",
                "Traces of the service in the time shown. A click on one shows its spans in the panel beside it.",
                Kind::TraceList,
                Size::Third,
                [],
            ),
            Panel::new(
                "Trace timeline",
                "The spans of one trace: what called what, and what it waited for. Choose it in the list, or paste an identifier above.",
                Kind::Trace,
                Size::TwoThirds,
                [],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&workflows::DURATION_P95, "{{workflow_name}}")]),
            Panel::new(
                "p95 duration, with traces",
                "Time within which 95 % of the runs of each workflow's function end, of the chosen instances. Each point is a call; a click \
             leads to its trace.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "histogram_quantile(0.95, sum by (primitive_name, le) \
                 (rate(tta_execution_duration_seconds_bucket{primitive_type=\"workflow\"}[$__rate_interval])))",
                    "{{primitive_name}}",
                    Unit::Seconds,
                )
                .with_exemplars()],
            ),
            Panel::new(
                "Workflows",
                "How often each workflow runs, how many runs succeed, and how long they take.",
                Kind::Table { by: "Runs per second" },
                Size::Half,
                [
                    Query::over(
                        "sum by (job, workflow_name) ($0)",
                        [&workflows::RATE],
                        "Runs per second",
                        Unit::CallsPerSecond,
                    ),
                    Query::of(&workflows::SUCCESS_RATE, "Success rate"),
                    Query::of(&workflows::ERROR_RATIO_1H, "Errors in 1 h"),
                    Query::of(&workflows::DURATION_P95, "p95"),
                ],
            ),
            Panel::new(
                "Error types",
                "Calls that went wrong, per second and type of the error, the most frequent first.",
                Kind::BarGauge(Thresholds::None),
                Size::Half,
                [Query::over(
                    "sort_desc(sum by (error_type) ($0) > 0)",
                    [&errors::RATE_BY_TYPE],
                    "{{error_type}}",
                    Unit::CallsPerSecond,
                )],
            ),
        ],
    }
}

fn primitives() -> Section {
    Section {
        title: "Primitives",
        panels: vec![
            Panel::new(
                "p95 latency by primitive",
                "Time within which 95 % of each primitive's calls end: the darker, the longer.",
                Kind::Heatmap,
                Size::Half,
                [Query::of(&latency::P95, "{{primitive_name}}")],
            ),
            Panel::of(
                Kind::Areas,
                Size::Half,
                [Query::over(
                    "sum by (job, status) ($0)",
                    [&primitives::RATE_BY_STATUS],
                    "{{status}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::of(
                Kind::Gauge(Thresholds::HigherIsBetter(0.4, 0.7)),
                Size::Third,
                [Query::of(&cache::HIT_RATE, "{{primitive_name}} {{cache_type}}")],
            ),
            Panel::new(
                "Retries and fallbacks",
                "Attempts that were repeated, and calls that a fallback answered, per second.",
                Kind::Lines,
                Size::Third,
                [
                    Query::over(
                        r#"$0{result="retried"}"#,
                        [&retry::RATE],
                        "retry {{primitive_name}}",
                        Unit::CallsPerSecond,
                    ),
                    Query::over(
                        r#"$0{used!~"primary|none"}"#,
                        [&fallback::RATE],
                        "fallback {{primitive_name}}: {{used}}",
                        Unit::CallsPerSecond,
                    ),
                ],
            ),
            Panel::new(
                "Slowest five",
                "The five primitives whose p95 is longest now.",
                Kind::BarGauge(Thresholds::None),
                Size::Third,
                [Query::over("topk(5, $0)", [&latency::P95], "{{primitive_name}}", Unit::Seconds)],
            ),
        ],
    }
}

fn resources() -> Section {
    Section {
        title: "Resources",
        panels: vec![
            Panel::of(
                Kind::Areas,
                Size::Half,
                [Query::over(
                    "sum by (job, model, token_type) ($0)",
                    [&tokens::RATE],
                    "{{model}} {{token_type}}",
                    Unit::PerSecond,
                )],
            ),
            Panel::new(
                "Cost per hour by model",
                "US dollars that an hour costs at this pace, by model.",
                Kind::Areas,
                Size::Half,
                [Query::over("$0 * 3600", [&cost::RATE_BY_MODEL], "{{model}}", Unit::Usd)],
            ),
            Panel::new(
                "Hit rate by type of cache",
                "Share of look-ups that found an answer, by type of cache.",
                Kind::Lines,
                Size::Half,
                [Query::over(
                    r#"sum by (job, cache_type) ($0{operation="hit"}) / (sum by (job, cache_type) ($0{operation=~"hit|miss|coalesced|error"}) > 0)"#,
                    [&cache::RATE],
                    "{{cache_type}}",
                    Unit::Ratio,
                )],
            ),
            Panel::new(
                "Savings per hour",
                "US dollars that caches and routers save in an hour at the pace of the past hour.",
                Kind::Areas,
                Size::Half,
                [Query::over("$0 * 3600", [&cost::SAVINGS_RATE], "{{source}}", Unit::Usd)],
            ),
        ],
    }
}
