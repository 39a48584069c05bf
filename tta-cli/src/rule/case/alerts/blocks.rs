//! Cases of alerts on blocks.

use super::Alerted;
use crate::rule::alert::blocks as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "it is open on one of two instances",
        alert: &alert::CIRCUIT,
        every: "1m",
        at: "5m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "0+0x10"),
            (r#"tta_circuit_breaker_state{job="j",instance="y",primitive_name="b"}"#, "2+0x10"),
        ],
        fires: &[(&[("job", "j"), ("primitive_name", "b")], "The circuit breaker b is open on 1 instances")],
    },
    Alerted {
        title: "it is half-open",
        alert: &alert::CIRCUIT,
        every: "1m",
        at: "5m",
        input: &[
            (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "0+0x10"),
            (r#"tta_circuit_breaker_state{job="j",instance="y",primitive_name="b"}"#, "1+0x10"),
        ],
        fires: &[],
    },
    Alerted {
        title: "half of the attempts are followed by another",
        alert: &alert::RETRIES,
        every: "1m",
        at: "15m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+30x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+30x30"),
        ],
        fires: &[(&[("job", "j"), ("primitive_name", "b")], "50% of b's attempts are followed by another one")],
    },
    Alerted {
        title: "a tenth of the attempts are",
        alert: &alert::RETRIES,
        every: "1m",
        at: "15m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+54x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+6x30"),
        ],
        fires: &[],
    },
    Alerted {
        title: "half of hardly any attempts are",
        alert: &alert::RETRIES,
        every: "1m",
        at: "15m",
        input: &[
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+1x30"),
            (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="retried"}"#, "0+1x30"),
        ],
        fires: &[],
    },
    Alerted {
        title: "one compensation failed, for the first time",
        alert: &alert::COMPENSATIONS,
        every: "1m",
        at: "10m",
        input: &[
            (
                r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="failed"}"#,
                "0+0x7 1+0x20",
            ),
            (r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="lost"}"#, "0+0x20"),
        ],
        fires: &[(
            &[("job", "j"), ("primitive_name", "b"), ("result", "failed")],
            "1 compensations of b were not done in 15 minutes (failed)",
        )],
    },
    Alerted {
        title: "all compensations were done",
        alert: &alert::COMPENSATIONS,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_saga_compensations_total{job="j",instance="x",primitive_name="b",result="done"}"#, "0+5x20")],
        fires: &[],
    },
];
