//! Service level objectives, error budgets and burn rates.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, Variable, label};
use crate::rule::recording::slo::{budget, errors};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "slo",
        title: "Objectives",
        description: "What is promised in code, what of it is kept, and how fast the error budgets go.",
        variables: vec![
            Variable::Datasource,
            JOB,
            INSTANCE,
            label("primitive", "Primitive", "primitive_name", "tta_slo_objective_ratio"),
            label("slo", "Objective", "slo", "tta_slo_objective_ratio"),
        ],
        sections: vec![budgets(), burn(), events()],
    }
}

fn budgets() -> Section {
    Section {
        title: "Budgets",
        panels: vec![
            Panel::new(
                "Objectives",
                "Each objective, the share of good events in 30 days, how many events that were, what is left of the budget, and how fast it \
             goes.",
                Kind::Table { by: "Burn rate" },
                Size::Line,
                [
                    Query::of(&budget::OBJECTIVE, "Objective"),
                    Query::over("1 - $0", [&budget::RATIO_30D], "Good in 30 days", Unit::Ratio),
                    Query::of(&budget::EVENTS_30D, "Events in 30 days"),
                    Query::of(&budget::REMAINING, "Budget left"),
                    Query::of(&budget::BURN, "Burn rate"),
                ],
            ),
            Panel::new(
                "Budget left",
                "Share of the 30-day budget that is left, the least first: below 0 the objective is missed.",
                Kind::BarGauge(Thresholds::HigherIsBetter(0.0, 0.25)),
                Size::Half,
                [Query::over("sort($0)", [&budget::REMAINING], "{{primitive_name}} {{slo}}", Unit::Ratio)],
            ),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&budget::REMAINING, "{{primitive_name}} {{slo}}")]),
        ],
    }
}

fn burn() -> Section {
    Section {
        title: "Burn",
        panels: vec![
            Panel::of(Kind::Lines, Size::Half, [Query::of(&budget::BURN, "{{primitive_name}} {{slo}}")]),
            Panel::new(
                "Bad events by window",
                "Share of bad events of the worst objective over each window that alerts look at.",
                Kind::Lines,
                Size::Half,
                [
                    Query::over("max by (job) ($0)", [&errors::RATIO_5M], "5 min {{job}}", Unit::Ratio),
                    Query::over("max by (job) ($0)", [&errors::RATIO_30M], "30 min {{job}}", Unit::Ratio),
                    Query::over("max by (job) ($0)", [&errors::RATIO_1H], "1 h {{job}}", Unit::Ratio),
                    Query::over("max by (job) ($0)", [&errors::RATIO_6H], "6 h {{job}}", Unit::Ratio),
                    Query::over("max by (job) ($0)", [&errors::RATIO_1D], "1 d {{job}}", Unit::Ratio),
                    Query::over("max by (job) ($0)", [&errors::RATIO_3D], "3 d {{job}}", Unit::Ratio),
                ],
            ),
        ],
    }
}

fn events() -> Section {
    Section {
        title: "Events",
        panels: vec![
            Panel::of(
                Kind::Lines,
                Size::Half,
                [Query::of(&budget::EVENTS, "{{primitive_name}} {{slo}}").in_unit(Unit::PerSecond)],
            ),
            Panel::of(
                Kind::Lines,
                Size::Half,
                [Query::of(&budget::BAD_EVENTS, "{{primitive_name}} {{slo}}").in_unit(Unit::PerSecond)],
            ),
            Panel::new(
                "Latency objectives",
                "Time within which a call is good in the sense of its latency objective.",
                Kind::BarGauge(Thresholds::None),
                Size::Half,
                [Query::raw(
                    "sort_desc(max by (primitive_name) (tta_slo_latency_threshold_seconds))",
                    "{{primitive_name}}",
                    Unit::Seconds,
                )],
            ),
            Panel::new(
                "Score objectives",
                "Score from which on a result of an evaluation is good in the sense of its objective.",
                Kind::BarGauge(Thresholds::None),
                Size::Half,
                [Query::raw(
                    "sort_desc(max by (primitive_name) (tta_slo_score_threshold))",
                    "{{primitive_name}}",
                    Unit::Ratio,
                )],
            ),
        ],
    }
}
