//! Cases of alerts on blocks.

use crate::rule::alert::blocks as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "it opens on one of two instances, and closes",
        alert: &alert::CIRCUIT,
        interval: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "0+0x60"),
            (r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#, "0+0x60"),
            (r#"tta_circuit_breaker_state{job="j",instance="y",primitive_name="b"}"#, "0+0x9 2+0x9 0+0x40"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="y",primitive_name="b",result="rejected"}"#,
                "0+0x9 100+100x9 1000+0x40",
            ),
        ],
        checks: &[
            ("10m", SILENT),
            (
                "11m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            (
                "21m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            ("23m", SILENT),
        ],
    },
    AlertCase {
        title: "it opens and is half-open in turns, since what it protects hangs",
        alert: &alert::CIRCUIT,
        interval: "1m",
        input: &[
            (
                r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#,
                "1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1",
            ),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "0+100x20",
            ),
        ],
        checks: &[(
            "20m",
            &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
        )],
    },
    AlertCase {
        title: "it is open, and the last call was six minutes ago",
        alert: &alert::CIRCUIT,
        interval: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "2+0x60"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "0+100x10 1000+0x50",
            ),
        ],
        checks: &[
            (
                "14m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            ("16m", SILENT),
        ],
    },
    AlertCase {
        title: "it is half-open, and rejects what is too much",
        alert: &alert::CIRCUIT,
        interval: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "1+0x20"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "0+100x20",
            ),
        ],
        checks: &[("10m", SILENT)],
    },
    AlertCase {
        title: "it is open and permits, in numbers of an earlier time",
        alert: &alert::CIRCUIT,
        interval: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "2+0x20"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "100+0x20",
            ),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="permitted"}"#,
                "0+100x20",
            ),
        ],
        checks: &[("10m", SILENT)],
    },
    AlertCase {
        title: "slightly more than 30 % of the attempts are followed by another",
        alert: &alert::RETRIES,
        interval: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+68x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+32x30"),
        ],
        checks: &[
            ("5m", SILENT),
            ("6m", &[(&[("job", "j"), ("primitive_name", "b")], "32% of b's attempts are followed by another one")]),
        ],
    },
    AlertCase {
        title: "slightly less than 30 % of the attempts are",
        alert: &alert::RETRIES,
        interval: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+72x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+28x30"),
        ],
        checks: &[("20m", SILENT)],
    },
    AlertCase {
        title: "half of slightly more than 50 attempts are",
        alert: &alert::RETRIES,
        interval: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+5.2x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+5.2x30"),
        ],
        checks: &[(
            "20m",
            &[(&[("job", "j"), ("primitive_name", "b")], "50% of b's attempts are followed by another one")],
        )],
    },
    AlertCase {
        title: "half of slightly fewer than 50 attempts are",
        alert: &alert::RETRIES,
        interval: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+4.8x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+4.8x30"),
        ],
        checks: &[("20m", SILENT)],
    },
    AlertCase {
        title: "one compensation fails, for the first time",
        alert: &alert::COMPENSATIONS,
        interval: "1m",
        input: &[
            (
                r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="failed"}"#,
                "0+0x16 1+0x40",
            ),
            (r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="lost"}"#, "0+0x60"),
        ],
        checks: &[
            ("16m", SILENT),
            (
                "17m",
                &[(
                    &[("job", "j"), ("primitive_name", "b"), ("result", "failed")],
                    "1 compensations of b were not done in 15 minutes (failed)",
                )],
            ),
            (
                "45m",
                &[(
                    &[("job", "j"), ("primitive_name", "b"), ("result", "failed")],
                    "1 compensations of b were not done in 15 minutes (failed)",
                )],
            ),
            ("47m", SILENT),
        ],
    },
    AlertCase {
        title: "all compensations are done",
        alert: &alert::COMPENSATIONS,
        interval: "1m",
        input: &[(r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="done"}"#, "0+5x20")],
        checks: &[("10m", SILENT)],
    },
];
