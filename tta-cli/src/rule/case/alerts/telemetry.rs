//! Cases of alerts on the telemetry itself.

use crate::rule::alert::telemetry as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "one span is lost",
        alert: &alert::SPANS,
        interval: "1m",
        input: &[(r#"tta_telemetry_spans_dropped_total{job="j",instance="x",reason="queue_full"}"#, "0+0x6 1+0x40")],
        checks: &[
            ("6m", SILENT),
            ("7m", &[(&[("job", "j"), ("reason", "queue_full")], "j lost 1 spans in 5 minutes (queue_full)")]),
            ("20m", &[(&[("job", "j"), ("reason", "queue_full")], "j lost 1 spans in 5 minutes (queue_full)")]),
            ("22m", SILENT),
        ],
    },
    AlertCase {
        title: "one log record is lost",
        alert: &alert::LOG_RECORDS,
        interval: "1m",
        input: &[(
            r#"tta_telemetry_log_records_dropped_total{job="j",instance="x",reason="non_retryable"}"#,
            "0+0x6 1+0x40",
        )],
        checks: &[
            ("6m", SILENT),
            (
                "7m",
                &[(&[("job", "j"), ("reason", "non_retryable")], "j lost 1 log records in 5 minutes (non_retryable)")],
            ),
            (
                "20m",
                &[(&[("job", "j"), ("reason", "non_retryable")], "j lost 1 log records in 5 minutes (non_retryable)")],
            ),
            ("22m", SILENT),
        ],
    },
    AlertCase {
        title: "one text is cut off",
        alert: &alert::PARTS,
        interval: "1m",
        input: &[(r#"tta_telemetry_span_parts_dropped_total{job="j",instance="x",part="text"}"#, "0+0x6 1+0x60")],
        checks: &[
            ("6m", SILENT),
            ("7m", &[(&[("job", "j"), ("part", "text")], "j's spans lost 1 parts in 15 minutes (text)")]),
            ("35m", &[(&[("job", "j"), ("part", "text")], "j's spans lost 1 parts in 15 minutes (text)")]),
            ("37m", SILENT),
        ],
    },
    AlertCase {
        title: "parts were lost long ago, and the program starts anew",
        alert: &alert::PARTS,
        interval: "1m",
        input: &[(r#"tta_telemetry_span_parts_dropped_total{job="j",instance="x",part="text"}"#, "7x30 _x20 0x40")],
        checks: &[("30m", SILENT), ("70m", SILENT)],
    },
    AlertCase {
        title: "a program that was gone for two hours comes back, and has such records",
        alert: &alert::CAPPED,
        interval: "1m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "7x10 _x120 3x100")],
        checks: &[
            ("130m", SILENT),
            ("135m", &[(&[("job", "j"), ("metric", "m")], "3 records of m went to its overflow series in 15 minutes")]),
        ],
    },
    AlertCase {
        title: "a record a minute goes to the overflow series",
        alert: &alert::CAPPED,
        interval: "1m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "0+1x30")],
        checks: &[(
            "20m",
            &[(&[("job", "j"), ("metric", "m")], "15 records of m went to its overflow series in 15 minutes")],
        )],
    },
    AlertCase {
        title: "the first such records are the first that is heard of a program, which ends",
        alert: &alert::CAPPED,
        interval: "1m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "_x41 500x2")],
        checks: &[
            ("40m", SILENT),
            (
                "41m",
                &[(&[("job", "j"), ("metric", "m")], "500 records of m went to its overflow series in 15 minutes")],
            ),
            (
                "70m",
                &[(&[("job", "j"), ("metric", "m")], "500 records of m went to its overflow series in 15 minutes")],
            ),
            ("71m", SILENT),
        ],
    },
    AlertCase {
        title: "records went there long ago, and the program was not seen for a while",
        alert: &alert::CAPPED,
        interval: "1m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "7x100 _x50 7x100")],
        checks: &[("60m", SILENT), ("160m", SILENT)],
    },
    AlertCase {
        title: "a program that was gone for two hours comes back, and has such records",
        alert: &alert::VALUES,
        interval: "1m",
        input: &[(
            r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#,
            "7x10 _x120 3x100",
        )],
        checks: &[
            ("130m", SILENT),
            (
                "135m",
                &[(
                    &[("job", "j"), ("label", "tenant")],
                    "3 records had a value of tenant that reads `other`, in 15 minutes",
                )],
            ),
        ],
    },
    AlertCase {
        title: "a record a minute has a value too many",
        alert: &alert::VALUES,
        interval: "1m",
        input: &[(r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#, "0+1x30")],
        checks: &[(
            "20m",
            &[(
                &[("job", "j"), ("label", "tenant")],
                "15 records had a value of tenant that reads `other`, in 15 minutes",
            )],
        )],
    },
    AlertCase {
        title: "the first such records are the first that is heard of a program, which ends",
        alert: &alert::VALUES,
        interval: "1m",
        input: &[(r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#, "_x41 500x2")],
        checks: &[
            ("40m", SILENT),
            (
                "41m",
                &[(
                    &[("job", "j"), ("label", "tenant")],
                    "500 records had a value of tenant that reads `other`, in 15 minutes",
                )],
            ),
            (
                "70m",
                &[(
                    &[("job", "j"), ("label", "tenant")],
                    "500 records had a value of tenant that reads `other`, in 15 minutes",
                )],
            ),
            ("71m", SILENT),
        ],
    },
    AlertCase {
        title: "records had one long ago, and the program was not seen for a while",
        alert: &alert::VALUES,
        interval: "1m",
        input: &[(
            r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#,
            "7x100 _x50 7x100",
        )],
        checks: &[("60m", SILENT), ("160m", SILENT)],
    },
    AlertCase {
        title: "a metric's name was taken before the first scrape, until the program was started anew",
        alert: &alert::DETACHED,
        interval: "1m",
        input: &[
            (r#"tta_telemetry_detached_total{job="j",instance="x",what="init"}"#, "0+0x30"),
            (r#"tta_telemetry_detached_total{job="j",instance="x",what="tta_llm_cost_total"}"#, "1+0x10 0+0x20"),
        ],
        checks: &[
            (
                "0m",
                &[(
                    &[("job", "j"), ("what", "tta_llm_cost_total")],
                    "j left out tta_llm_cost_total 1 times when it started",
                )],
            ),
            (
                "14m",
                &[(
                    &[("job", "j"), ("what", "tta_llm_cost_total")],
                    "j left out tta_llm_cost_total 1 times when it started",
                )],
            ),
            ("16m", SILENT),
        ],
    },
    AlertCase {
        title: "all is in its place",
        alert: &alert::DETACHED,
        interval: "1m",
        input: &[(r#"tta_telemetry_detached_total{job="j",instance="x",what="init"}"#, "0+0x30")],
        checks: &[("20m", SILENT)],
    },
    AlertCase {
        title: "over a tenth of the exports fail",
        alert: &alert::EXPORT,
        interval: "1m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+88x30"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+12x30"),
        ],
        checks: &[
            ("5m", SILENT),
            ("6m", &[(&[("job", "j"), ("signal", "traces")], "12% of j's exports of traces fail")]),
        ],
    },
    AlertCase {
        title: "under a tenth of the exports fails",
        alert: &alert::EXPORT,
        interval: "1m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+92x30"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+8x30"),
        ],
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "all fail, slightly more than five in ten minutes",
        alert: &alert::EXPORT,
        interval: "1m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+0x40"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+0.52x40"),
        ],
        checks: &[("30m", &[(&[("job", "j"), ("signal", "traces")], "100% of j's exports of traces fail")])],
    },
    AlertCase {
        title: "all fail, slightly fewer than five in ten minutes",
        alert: &alert::EXPORT,
        interval: "1m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+0x40"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+0.48x40"),
        ],
        checks: &[("30m", SILENT)],
    },
];
