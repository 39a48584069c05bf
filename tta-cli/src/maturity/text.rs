//! The metrics of components as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tta_runtime::schema::COMPONENT_METRICS;

use super::component::{Complexity, Component, STAGES};

/// Returns the metrics of components as text, as a Pushgateway and a textfile collector take it.
pub fn text(components: &BTreeMap<String, Component>) -> String {
    let mut text = String::new();
    for metric in &COMPONENT_METRICS {
        let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", metric.name, metric.help, metric.name);
        for (name, component) in components {
            for (labels, value) in samples(metric.name, component) {
                let _ = writeln!(text, "{}{{component=\"{}\"{labels}}} {value}", metric.name, escaped(name));
            }
        }
    }
    text
}

/// Returns the samples of one metric: labels beside the component's, and the value.
fn samples(metric: &str, component: &Component) -> Vec<(String, f64)> {
    let one = |value: Option<f64>| value.map(|value| (String::new(), value)).into_iter().collect();
    match metric.trim_start_matches("tta_component_") {
        "coverage_ratio" => one(component.lines.ratio()),
        "mutation_score_ratio" => one(component.mutants.ratio()),
        "complexity" => one(match component.complexity {
            Complexity::Greatest(greatest) => Some(greatest as f64),
            Complexity::Simple | Complexity::NotMeasured => None,
        }),
        "stage" => one(Some(component.stage() as f64)),
        _ => {
            // The gates to the next stage; those to the last one, where it has been reached.
            let next = STAGES[component.stage().min(STAGES.len() - 1)];
            let gates = component.gates(&next);
            gates.map(|(gate, passed)| (format!(",gate=\"{gate}\""), f64::from(u8::from(passed)))).collect()
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
