//! The health of a job on one screen.

use super::health;
use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, Variable};
use crate::rule::recording::{cache, cost, day, errors, latency, primitives, requests, telemetry, workflows};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "system-overview",
        title: "System overview",
        description: "Whether all is well: health, traffic, money, workflows, primitives, caches, and the telemetry itself.",
        variables: vec![Variable::Datasource, JOB, INSTANCE],
        sections: vec![now(), work(), telemetry()],
    }
}

fn now() -> Section {
    Section {
        title: "Now",
        panels: vec![
            health::score(),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&requests::REQUEST_RATE, "{{job}}")]),
            Panel::of(
                Kind::Stat(Thresholds::HigherIsBetter(0.95, 0.99)),
                Size::Tile,
                [Query::of(&requests::SUCCESS_RATE, "{{job}}")],
            ),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&cost::PER_HOUR, "{{job}}")]),
            Panel::of(Kind::Stat(Thresholds::None), Size::Tile, [Query::of(&day::EXECUTIONS, "{{job}}")]),
            Panel::new(
                "Instances up",
                "Share of the instances that Prometheus reached at its last scrape.",
                Kind::Stat(Thresholds::HigherIsBetter(0.5, 1.0)),
                Size::Tile,
                [Query::raw("avg by (job) (up)", "{{job}}", Unit::Ratio)],
            ),
        ],
    }
}

fn work() -> Section {
    Section {
        title: "Work",
        panels: vec![
            Panel::of(Kind::Lines, Size::Half, [Query::of(&workflows::RATE, "{{workflow_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&workflows::DURATION_P95, "{{workflow_name}}")]),
            Panel::new(
                "Primitives",
                "Calls, errors and latency of each primitive.",
                Kind::Table { by: "Calls per second" },
                Size::Line,
                [
                    Query::of(&primitives::RATE, "Calls per second"),
                    Query::of(&errors::RATIO, "Error rate"),
                    Query::of(&latency::P50, "p50"),
                    Query::of(&latency::P95, "p95"),
                    Query::of(&latency::P99, "p99"),
                    Query::of(&primitives::ACTIVE, "In progress"),
                ],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cache::HIT_RATE, "{{primitive_name}} {{cache_type}}")]),
            Panel::of(
                Kind::Areas,
                Size::Half,
                [Query::over("sum by (job, operation) ($0)", [&cache::RATE], "{{operation}}", Unit::PerSecond)],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&cache::ENTRIES, "{{primitive_name}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&day::GROWTH, "{{job}}")]),
        ],
    }
}

fn telemetry() -> Section {
    Section {
        title: "The telemetry itself",
        panels: vec![
            Panel::of(Kind::Lines, Size::Third, [Query::of(&telemetry::SPAN_LOSS, "{{job}}")]),
            Panel::of(
                Kind::Lines,
                Size::Third,
                [Query::of(&telemetry::EXPORTS, "{{signal}} {{result}}").in_unit(Unit::PerSecond)],
            ),
            Panel::new(
                "Records in overflow series",
                "Records per second that went to a metric's overflow series, since it held as many label sets as it may.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    "sum by (metric) (rate(tta_telemetry_capped_total[$__rate_interval]))",
                    "{{metric}}",
                    Unit::PerSecond,
                )],
            ),
            Panel::new(
                "p95 scrape",
                "Time within which 95 % of the scrapes collected and wrote the metrics.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    "histogram_quantile(0.95, sum by (job, le) (rate(tta_telemetry_scrape_duration_seconds_bucket[$__rate_interval])))",
                    "{{job}}",
                    Unit::Seconds,
                )],
            ),
            Panel::new(
                "Spans that wait",
                "Spans that wait for export; where the number only grows, the exporter is too slow.",
                Kind::Lines,
                Size::Third,
                [Query::raw("sum by (job, instance) (tta_telemetry_span_queue_length)", "{{instance}}", Unit::Count)],
            ),
            Panel::new(
                "Versions",
                "Instances that run each version of TTA.",
                Kind::Lines,
                Size::Third,
                [Query::raw("sum by (version) (tta_build_info)", "{{version}}", Unit::Count)],
            ),
            Panel::new(
                "Error of the ranks of the largest",
                "The most by which the rank of a tenant may be too high, by label: in calls, or in billionths of US dollars for costs. Compare it with \
                 what the smallest of those with a series of their own has: near that, the wrong ones may have one.",
                Kind::Lines,
                Size::Line,
                [Query::raw("max by (label) (tta_telemetry_top_error)", "{{label}}", Unit::Count)],
            ),
        ],
    }
}
