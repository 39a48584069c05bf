//! Cases of alerts on components.

use crate::rule::alert::components as alert;
use crate::rule::case::row::{Alerted, SILENT};

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "it comes to staging",
        alert: &alert::PROMOTED,
        every: "5m",
        input: &[(r#"tta_component_stage{job="ci",instance="x",component="cache"}"#, "1+0x1479 2+0x1480")],
        looks: &[
            ("1475m", SILENT),
            ("1480m", &[(&[("job", "ci"), ("component", "cache")], "cache has come to stage 2")]),
            ("2915m", &[(&[("job", "ci"), ("component", "cache")], "cache has come to stage 2")]),
            ("2920m", SILENT),
        ],
    },
    Alerted {
        title: "it falls back",
        alert: &alert::PROMOTED,
        every: "5m",
        input: &[(r#"tta_component_stage{job="ci",instance="x",component="cache"}"#, "2+0x1479 1+0x40")],
        looks: &[("1500m", SILENT)],
    },
    Alerted {
        title: "two of three gates are not passed",
        alert: &alert::GATE,
        every: "1m",
        input: &[
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="coverage"}"#, "1+0x10"),
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="complexity"}"#, "0+0x10"),
            (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="mutation_score"}"#, "0+0x10"),
        ],
        looks: &[("5m", &[(&[("job", "ci"), ("component", "cache")], "cache fails 2 of its gates")])],
    },
    Alerted {
        title: "all gates are passed",
        alert: &alert::GATE,
        every: "1m",
        input: &[(r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="coverage"}"#, "1+0x10")],
        looks: &[("5m", SILENT)],
    },
];
