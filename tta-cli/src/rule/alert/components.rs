//! Alerts on the maturity of components.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// A component reached a higher stage.
pub static PROMOTED: Alert = Alert {
    name: "TtaComponentPromoted",
    severity: Severity::Info,
    query: "max by (job, component) (tta_component_stage) > max by (job, component) (tta_component_stage offset 1d)",
    pending_for: None,
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.component }} has come to stage {{ $value }}",
    description: "0 is experimental, 1 development, 2 staging, 3 production. It says so for a day.",
};

/// A component fails a gate.
pub static GATE: Alert = Alert {
    name: "TtaQualityGateFailed",
    severity: Severity::Info,
    query: "count by (job, component) (min by (job, component, gate) (tta_component_gate_passed) == 0)",
    pending_for: None,
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.component }} fails {{ $value }} of its gates",
    description: "Coverage, mutation score or complexity is not what the component's next stage asks for.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-components",
    description: "Maturity of components.",
    interval: "1m",
    alerts: &[&PROMOTED, &GATE],
};
