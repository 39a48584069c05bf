//! The metrics of components, as a table, and their text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::component::{Complexity, Component, STAGES};

/// A gauge about components that `tta maturity` writes; a running program has none of them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ComponentMetric {
    /// The metric's name.
    pub name: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// The help text.
    pub help: &'static str,
    /// Returns the samples of a component.
    samples: fn(&Component) -> Vec<Sample>,
}

/// The value of the label `gate`, in a metric that has it, and the sample's value.
type Sample = (Option<&'static str>, f64);

/// All metrics about components.
pub static COMPONENT_METRICS: &[ComponentMetric] = &[
    ComponentMetric {
        name: "tta_component_coverage_ratio",
        labels: &["component"],
        help: "Share of the component's lines that tests run, from 0 to 1.",
        samples: |component| one(component.lines.ratio()),
    },
    ComponentMetric {
        name: "tta_component_mutation_score_ratio",
        labels: &["component"],
        help: "Share of the changes made to the component that tests noticed, from 0 to 1.",
        samples: |component| one(component.mutants.ratio()),
    },
    ComponentMetric {
        name: "tta_component_complexity",
        labels: &["component"],
        help: "Cognitive complexity of the component's most complex function.",
        samples: |component| match component.complexity {
            Complexity::Max(max) => one(Some(max as f64)),
            Complexity::BelowThreshold | Complexity::NotMeasured => Vec::new(),
        },
    },
    ComponentMetric {
        name: "tta_component_stage",
        labels: &["component"],
        help: "How far the component has come: 0 experimental, 1 development, 2 staging, 3 production.",
        samples: |component| one(Some(component.stage() as f64)),
    },
    ComponentMetric {
        name: "tta_component_gate_passed",
        labels: &["component", "gate"],
        help: "Whether the component passes what its next stage asks for: 1 or 0, for coverage, mutation_score and complexity.",
        samples: gates_to_the_next_stage,
    },
];

fn one(value: Option<f64>) -> Vec<Sample> {
    value.map(|value| (None, value)).into_iter().collect()
}

/// Returns the gates to the next stage, or to the last one once it is reached.
fn gates_to_the_next_stage(component: &Component) -> Vec<Sample> {
    let next = STAGES[component.stage().min(STAGES.len() - 1)];
    component.gates(&next).map(|(gate, passed)| (Some(gate), f64::from(u8::from(passed)))).collect()
}

/// Renders the metrics of components in the Prometheus text format, for a Pushgateway or a textfile collector.
pub fn render(components: &BTreeMap<String, Component>) -> String {
    let mut text = String::new();
    for metric in COMPONENT_METRICS {
        let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", metric.name, metric.help, metric.name);
        for (name, component) in components {
            for (gate, value) in (metric.samples)(component) {
                let gate = gate.map(|gate| format!(",gate=\"{gate}\"")).unwrap_or_default();
                let _ = writeln!(text, "{}{{component=\"{}\"{gate}}} {value}", metric.name, escape(name));
            }
        }
    }
    text
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tta_runtime::schema::METRICS;

    use super::*;

    #[test]
    fn each_gauge_has_a_name_of_its_own_and_a_help_text() {
        let names: BTreeSet<_> = COMPONENT_METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), COMPONENT_METRICS.len());
        for metric in COMPONENT_METRICS {
            let name = metric.name;
            assert!(METRICS.iter().all(|other| other.name != name), "{name} is a metric of programs");
            assert!(name.starts_with("tta_component_") && !name.ends_with("_total"), "{name}");
            assert!(metric.help.ends_with('.'), "{name}");
        }
    }
}
