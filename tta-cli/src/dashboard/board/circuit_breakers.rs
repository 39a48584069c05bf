//! States and rejections of circuit breakers, and the fallbacks used instead.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, Variable, label};
use crate::rule::recording::{circuit_breaker, errors, fallback, retry};

const STATES: Unit = Unit::Mapped(&[(0, "closed", "green"), (1, "half-open", "yellow"), (2, "open", "red")]);

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "circuit-breakers",
        title: "Circuit breakers",
        description: "Which circuits are open, what they refused, how long they stayed open, and what was done instead.",
        variables: vec![
            Variable::Datasource,
            JOB,
            INSTANCE,
            label("primitive", "Circuit breaker", "primitive_name", "tta_circuit_breaker_state"),
        ],
        sections: vec![circuits(), around()],
    }
}

/// Returns the first section. Its single values read raw series and follow the chosen instances; its time series are recorded.
fn circuits() -> Section {
    Section {
        title: "Circuits",
        panels: vec![
            Panel::new(
                "Open circuits",
                "Circuit breakers that let no call through now, on any instance.",
                Kind::Stat(Thresholds::LowerIsBetter(1.0, 2.0)),
                Size::WideTile,
                [Query::raw("sum by (job) (tta_circuit_breaker_state == bool 2)", "{{job}}", Unit::Count)],
            ),
            Panel::new(
                "Calls refused",
                "Share of the calls that came to an open circuit.",
                Kind::Stat(Thresholds::LowerIsBetter(0.01, 0.1)),
                Size::WideTile,
                [Query::raw(
                    "sum by (job) (rate(tta_circuit_breaker_calls_total{result=\"rejected\"}[$__rate_interval])) \
                 / (sum by (job) (rate(tta_circuit_breaker_calls_total{result=~\"permitted|rejected\"}[$__rate_interval])) > 0)",
                    "{{job}}",
                    Unit::Ratio,
                )],
            ),
            Panel::new(
                "Failures of permitted calls",
                "Share of the calls let through that failed, of those that count: neutral ones are left out.",
                Kind::Stat(Thresholds::LowerIsBetter(0.05, 0.25)),
                Size::WideTile,
                [Query::raw(
                    "sum by (job) (rate(tta_circuit_breaker_calls_total{result=\"failure\"}[$__rate_interval])) \
                 / (sum by (job) (rate(tta_circuit_breaker_calls_total{result=~\"success|failure\"}[$__rate_interval])) > 0)",
                    "{{job}}",
                    Unit::Ratio,
                )],
            ),
            Panel::new(
                "Times opened",
                "How often a circuit opened in the time shown.",
                Kind::Stat(Thresholds::LowerIsBetter(1.0, 5.0)),
                Size::WideTile,
                [Query::raw(
                    "sum by (job) (increase(tta_circuit_breaker_transitions_total{to=\"open\"}[$__range]))",
                    "{{job}}",
                    Unit::Count,
                )],
            ),
            Panel::of(
                Kind::StateTimeline,
                Size::Line,
                [Query::of(&circuit_breaker::STATE, "{{primitive_name}}").in_unit(STATES)],
            ),
            Panel::of(
                Kind::Lines,
                Size::Third,
                [Query::of(&circuit_breaker::CALLS, "{{primitive_name}}: {{result}}").in_unit(Unit::CallsPerSecond)],
            ),
            Panel::of(
                Kind::Lines,
                Size::Third,
                [Query::of(&circuit_breaker::TRANSITIONS, "{{primitive_name}}: {{from}} → {{to}}")],
            ),
            Panel::new(
                "Calls refused over time",
                "Share of the calls at each circuit breaker that came to an open circuit.",
                Kind::Lines,
                Size::Third,
                [Query::of(&circuit_breaker::REJECTED, "{{primitive_name}}")],
            ),
            Panel::of(Kind::Areas, Size::Line, [Query::of(&circuit_breaker::TIME, "{{primitive_name}}: {{state}}")]),
        ],
    }
}

fn around() -> Section {
    Section {
        title: "Around them",
        panels: vec![
            Panel::new(
                "Attempts",
                "Attempts of retries that ended, per second and result.",
                Kind::Areas,
                Size::Third,
                [Query::over("sum by (result) ($0)", [&retry::RATE], "{{result}}", Unit::PerSecond).job_wide()],
            ),
            Panel::new(
                "Fallbacks",
                "Calls with fallbacks per second, by what gave the answer.",
                Kind::Areas,
                Size::Third,
                [Query::over("sum by (used) ($0)", [&fallback::RATE], "{{used}}", Unit::CallsPerSecond).job_wide()],
            ),
            Panel::new(
                "Errors by primitive",
                "The ten primitives of which the largest share of calls goes wrong.",
                Kind::BarGauge(Thresholds::LowerIsBetter(0.01, 0.05)),
                Size::Third,
                [Query::over("topk(10, $0)", [&errors::RATIO], "{{primitive_name}}", Unit::Ratio).job_wide()],
            ),
        ],
    }
}
