//! The maturity of components.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// The stage of each component.
pub static STAGE: Recording = Recording {
    name: "component:tta_component_stage:max",
    title: "Stage",
    description: "How far each component has come: 0 experimental, 1 development, 2 staging, 3 production.",
    unit: Unit::Count,
    query: "max by (job, component) (tta_component_stage)",
};

/// The share of gates that each component passes.
pub static GATES: Recording = Recording {
    name: "component:tta_component_gate_passed:ratio",
    title: "Gates passed",
    description: "Share of the gates to its next stage that each component passes.",
    unit: Unit::Ratio,
    query: "sum by (job, component) (min by (job, component, gate) (tta_component_gate_passed))
        / count by (job, component) (min by (job, component, gate) (tta_component_gate_passed))",
};

/// The change of coverage.
pub static COVERAGE_TREND: Recording = Recording {
    name: "component:tta_component_coverage:delta7d",
    title: "Coverage in a week",
    description: "How much the share of each component's lines that tests run grew in 7 days.",
    unit: Unit::Ratio,
    query: "max by (job, component) (tta_component_coverage_ratio) - max by (job, component) (tta_component_coverage_ratio offset 7d)",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-components",
    description: "Maturity of components.",
    interval: "2m",
    rules: &[&STAGE, &GATES, &COVERAGE_TREND],
};
