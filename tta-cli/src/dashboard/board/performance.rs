//! Latencies, load, and the overhead of the telemetry.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, MODEL, PRIMITIVE, Variable};
use crate::rule::recording::{cache, latency, models, primitives, timeout, workflows};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "performance",
        title: "Performance",
        description: "Where the time goes: latencies by primitive and model, work that piles up, and what the telemetry itself takes.",
        variables: vec![Variable::Datasource, JOB, INSTANCE, PRIMITIVE, MODEL],
        sections: vec![latency(), load(), models(), library()],
    }
}

fn latency() -> Section {
    Section {
        title: "Latency",
        panels: vec![
            Panel::new(
                "p95 of the slowest workflow",
                "Time within which 95 % of the runs of the job's slowest workflow end.",
                Kind::Stat(Thresholds::None),
                Size::WideTile,
                [Query::of(&workflows::SLOWEST_P95, "{{job}}")],
            ),
            Panel::new(
                "Slowest five",
                "The five primitives whose p95 is longest now.",
                Kind::BarGauge(Thresholds::None),
                Size::Half,
                [Query::over("topk(5, $0)", [&latency::P95], "{{primitive_name}}", Unit::Seconds)],
            ),
            Panel::new(
                "p95 against the past hour",
                "How many times its p95 of the past hour each primitive's p95 of the past five minutes is, the five highest.",
                Kind::BarGauge(Thresholds::LowerIsBetter(1.5, 3.0)),
                Size::WideTile,
                [Query::over(
                    "topk(5, $0 / ($1 > 0))",
                    [&latency::P95, &latency::P95_1H],
                    "{{primitive_name}}",
                    Unit::Multiple,
                )],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&latency::P50, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&latency::P95, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&latency::P99, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&latency::AVERAGE, "{{primitive_name}}")]),
            Panel::new(
                "p95 duration of workflows, with traces",
                "Time within which 95 % of the runs of each workflow's function end, of the chosen instances. Each point is a call; a click \
             leads to its trace.",
                Kind::Lines,
                Size::Line,
                [Query::raw(
                    "histogram_quantile(0.95, sum by (primitive_name, le) \
                 (rate(tta_execution_duration_seconds_bucket{primitive_type=\"workflow\"}[$__rate_interval])))",
                    "{{primitive_name}}",
                    Unit::Seconds,
                )
                .with_exemplars()],
            ),
        ],
    }
}

fn load() -> Section {
    Section {
        title: "Load",
        panels: vec![
            Panel::of(Kind::Lines, Size::Third, [Query::of(&primitives::RATE, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&primitives::ACTIVE, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&primitives::CONCURRENCY, "{{primitive_name}}")]),
            Panel::new(
                "p95 duration under a time limit",
                "Time within which 95 % of the calls under a time limit end, or are ended.",
                Kind::Lines,
                Size::Half,
                [Query::of(&timeout::DURATION_P95, "{{primitive_name}}")],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cache::LATENCY_P95, "{{primitive_name}} {{cache_type}}")]),
        ],
    }
}

fn models() -> Section {
    Section {
        title: "Models",
        panels: vec![
            Panel::of(Kind::Lines, Size::Half, [Query::of(&models::DURATION_P95, "{{provider}} {{model}}")]),
            Panel::new(
                "Durations of model calls",
                "How many calls to the chosen models ended within each span of time: the darker, the more.",
                Kind::Histogram,
                Size::Half,
                [Query::raw(
                    "sum by (le) (increase(tta_llm_request_duration_seconds_bucket[$__rate_interval]))",
                    "{{le}}",
                    Unit::Count,
                )],
            ),
        ],
    }
}

fn library() -> Section {
    Section {
        title: "The telemetry itself",
        panels: vec![
            Panel::new(
                "p95 scrape",
                "Time within which 95 % of the scrapes collected and wrote the metrics.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "histogram_quantile(0.95, sum by (instance, le) (rate(tta_telemetry_scrape_duration_seconds_bucket[$__rate_interval])))",
                    "{{instance}}",
                    Unit::Seconds,
                )],
            ),
            Panel::new(
                "p95 export",
                "Time within which 95 % of the attempts to export a batch end, by signal.",
                Kind::Lines,
                Size::Half,
                [Query::raw(
                    "histogram_quantile(0.95, sum by (signal, le) (rate(tta_telemetry_export_duration_seconds_bucket[$__rate_interval])))",
                    "{{signal}}",
                    Unit::Seconds,
                )],
            ),
        ],
    }
}
