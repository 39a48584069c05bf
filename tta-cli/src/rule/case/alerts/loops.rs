//! Cases of alerts on agents that loop.

use crate::rule::alert::loops as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "a call is stopped on one of two instances",
        alert: &alert::LOOPS,
        interval: "1m",
        input: &[
            (r#"tta_loops_total{job="j",instance="x",primitive_name="p",action="stopped"}"#, "0+0x60"),
            (r#"tta_loops_total{job="j",instance="y",primitive_name="p",action="stopped"}"#, "0+0x16 1+0x43"),
            (r#"tta_loops_total{job="j",instance="y",primitive_name="p",action="counted"}"#, "0+0x60"),
        ],
        checks: &[
            ("16m", SILENT),
            ("17m", &[(&[("job", "j"), ("primitive_name", "p")], "Agents repeated p 1 times too often in 15 minutes")]),
            ("45m", &[(&[("job", "j"), ("primitive_name", "p")], "Agents repeated p 1 times too often in 15 minutes")]),
            ("47m", SILENT),
        ],
    },
    AlertCase {
        title: "no loop is found",
        alert: &alert::LOOPS,
        interval: "1m",
        input: &[(r#"tta_loops_total{job="j",instance="x",primitive_name="p",action="stopped"}"#, "3+0x60")],
        checks: &[("1m", SILENT), ("60m", SILENT)],
    },
    AlertCase {
        title: "a run has made its steps",
        alert: &alert::LIMITS,
        interval: "1m",
        input: &[
            (r#"tta_run_limits_total{job="j",instance="x",primitive_name="p",limit="steps"}"#, "0+0x16 1+0x43"),
            (r#"tta_run_limits_total{job="j",instance="x",primitive_name="p",limit="cost"}"#, "0+0x60"),
        ],
        checks: &[
            ("16m", SILENT),
            (
                "17m",
                &[(
                    &[("job", "j"), ("primitive_name", "p"), ("limit", "steps")],
                    "1 calls of p were stopped at their run's limit on steps in 15 minutes",
                )],
            ),
            (
                "45m",
                &[(
                    &[("job", "j"), ("primitive_name", "p"), ("limit", "steps")],
                    "1 calls of p were stopped at their run's limit on steps in 15 minutes",
                )],
            ),
            ("47m", SILENT),
        ],
    },
];
