//! Cases of alerts on blocks.

use super::{Alerted, SILENT};
use crate::rule::alert::blocks as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "it opens on one of two instances, and closes",
        alert: &alert::CIRCUIT,
        every: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "0+0x60"),
            (r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#, "0+0x60"),
            (r#"tta_circuit_breaker_state{job="j",instance="y",primitive_name="b"}"#, "0+0x9 2+0x9 0+0x40"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="y",primitive_name="b",result="rejected"}"#,
                "0+0x9 100+100x9 1000+0x40",
            ),
        ],
        looks: &[
            ("10m", SILENT),
            (
                "11m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            (
                "22m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            ("23m", SILENT),
        ],
    },
    Alerted {
        title: "it opens and is half-open in turns, since what it protects hangs",
        alert: &alert::CIRCUIT,
        every: "1m",
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
        looks: &[(
            "20m",
            &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
        )],
    },
    Alerted {
        title: "it is open, and the last call was six minutes ago",
        alert: &alert::CIRCUIT,
        every: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "2+0x60"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "0+100x10 1000+0x50",
            ),
        ],
        looks: &[
            (
                "14m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            (
                "15m",
                &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b rejects calls on 1 instances")],
            ),
            ("16m", SILENT),
        ],
    },
    Alerted {
        title: "it is half-open, and rejects what is too much",
        alert: &alert::CIRCUIT,
        every: "1m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "1+0x20"),
            (
                r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="rejected"}"#,
                "0+100x20",
            ),
        ],
        looks: &[("10m", SILENT)],
    },
    Alerted {
        title: "it is open and permits, in numbers of an earlier time",
        alert: &alert::CIRCUIT,
        every: "1m",
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
        looks: &[("10m", SILENT)],
    },
    Alerted {
        title: "half of the attempts are followed by another",
        alert: &alert::RETRIES,
        every: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+30x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+30x30"),
        ],
        looks: &[(
            "15m",
            &[(&[("job", "j"), ("primitive_name", "b")], "50% of b's attempts are followed by another one")],
        )],
    },
    Alerted {
        title: "a tenth of the attempts are",
        alert: &alert::RETRIES,
        every: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+54x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+6x30"),
        ],
        looks: &[("15m", &[])],
    },
    Alerted {
        title: "half of hardly any attempts are",
        alert: &alert::RETRIES,
        every: "1m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+1x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+1x30"),
        ],
        looks: &[("15m", &[])],
    },
    Alerted {
        title: "one compensation failed, for the first time",
        alert: &alert::COMPENSATIONS,
        every: "1m",
        input: &[
            (
                r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="failed"}"#,
                "0+0x7 1+0x20",
            ),
            (r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="lost"}"#, "0+0x20"),
        ],
        looks: &[(
            "10m",
            &[(
                &[("job", "j"), ("primitive_name", "b"), ("result", "failed")],
                "1 compensations of b were not done in 15 minutes (failed)",
            )],
        )],
    },
    Alerted {
        title: "all compensations were done",
        alert: &alert::COMPENSATIONS,
        every: "1m",
        input: &[(r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="done"}"#, "0+5x20")],
        looks: &[("10m", &[])],
    },
];
