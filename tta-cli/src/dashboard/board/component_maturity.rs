//! Test coverage, mutation score and complexity of components, and their stages.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{Variable, label};
use crate::rule::recording::components;

const STAGES: Unit = Unit::Mapped(&[
    (0, "experimental", "purple"),
    (1, "development", "blue"),
    (2, "staging", "yellow"),
    (3, "production", "green"),
]);
const GATES: Unit = Unit::Mapped(&[(0, "failed", "red"), (1, "passed", "green")]);

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "component-maturity",
        title: "Component maturity",
        description: "How well components are tested, how complex they are, and what keeps them from their next stage.",
        variables: vec![
            Variable::Datasource,
            label("job", "Job", "job", "tta_component_stage"),
            label("instance", "Instance", "instance", "tta_component_stage"),
            label("component", "Component", "component", "tta_component_stage"),
        ],
        sections: vec![now(), course()],
    }
}

fn now() -> Section {
    Section {
        title: "Now",
        panels: vec![
            Panel::new(
                "Components",
                "Stage and measurements of each component, as of its last run of `tta maturity`.",
                Kind::Table { by: "Stage" },
                Size::Line,
                [
                    Query::raw("max by (component) (tta_component_stage)", "Stage", STAGES),
                    Query::raw("max by (component) (tta_component_coverage_ratio)", "Line coverage", Unit::Ratio),
                    Query::raw(
                        "max by (component) (tta_component_mutation_score_ratio)",
                        "Mutation score",
                        Unit::Ratio,
                    ),
                    Query::raw("max by (component) (tta_component_complexity)", "Highest complexity", Unit::Count),
                ],
            ),
            Panel::new(
                "Gates",
                "Whether each component passes what its next stage asks for.",
                Kind::StateTimeline,
                Size::TwoThirds,
                [Query::raw("min by (component, gate) (tta_component_gate_passed)", "{{component}}: {{gate}}", GATES)],
            ),
            Panel::new(
                "Gates passed",
                "Share of its gates that each component passes.",
                Kind::BarGauge(Thresholds::HigherIsBetter(0.5, 1.0)),
                Size::Third,
                [Query::over("sort_desc($0)", [&components::GATES], "{{component}}", Unit::Ratio)],
            ),
        ],
    }
}

fn course() -> Section {
    Section {
        title: "Course",
        panels: vec![
            Panel::new(
                "Line coverage",
                "Share of each component's lines that tests run.",
                Kind::Lines,
                Size::Half,
                [Query::raw("max by (component) (tta_component_coverage_ratio)", "{{component}}", Unit::Ratio)],
            ),
            Panel::new(
                "Mutation score",
                "Share of the changes made to each component that tests noticed.",
                Kind::Lines,
                Size::Half,
                [Query::raw("max by (component) (tta_component_mutation_score_ratio)", "{{component}}", Unit::Ratio)],
            ),
            Panel::new(
                "Highest complexity",
                "Cognitive complexity of each component's most complex function.",
                Kind::Lines,
                Size::Half,
                [Query::raw("max by (component) (tta_component_complexity)", "{{component}}", Unit::Count)],
            ),
            Panel::new(
                "Stage",
                "How far each component has come.",
                Kind::StateTimeline,
                Size::Half,
                [Query::of(&components::STAGE, "{{component}}").in_unit(STAGES)],
            ),
            Panel::of(Kind::Lines, Size::Line, [Query::of(&components::COVERAGE_TREND, "{{component}}")]),
        ],
    }
}
