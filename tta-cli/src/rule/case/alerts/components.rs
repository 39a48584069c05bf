//! Cases of alerts on components.

use crate::rule::alert::components as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "it comes to staging",
        alert: &alert::PROMOTED,
        interval: "5m",
        input: &[(r#"tta_component_stage{job="ci",instance="x",component="cache"}"#, "1+0x1479 2+0x1480")],
        checks: &[
            ("1475m", SILENT),
            ("1480m", &[(&[("job", "ci"), ("component", "cache")], "cache has come to stage 2")]),
            ("2915m", &[(&[("job", "ci"), ("component", "cache")], "cache has come to stage 2")]),
            ("2920m", SILENT),
        ],
    },
    AlertCase {
        title: "it falls back",
        alert: &alert::PROMOTED,
        interval: "5m",
        input: &[(r#"tta_component_stage{job="ci",instance="x",component="cache"}"#, "2+0x1479 1+0x40")],
        checks: &[("1500m", SILENT)],
    },
    AlertCase {
        title: "two of three gates are not passed",
        alert: &alert::GATE,
        interval: "1m",
        input: &[
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="coverage"}"#, "1+0x10"),
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="complexity"}"#, "0+0x10"),
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="mutation_score"}"#, "0+0x10"),
        ],
        checks: &[("5m", &[(&[("job", "ci"), ("component", "cache")], "cache fails 2 of its gates")])],
    },
    AlertCase {
        title: "all gates are passed",
        alert: &alert::GATE,
        interval: "1m",
        input: &[(r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="coverage"}"#, "1+0x10")],
        checks: &[("5m", SILENT)],
    },
];
