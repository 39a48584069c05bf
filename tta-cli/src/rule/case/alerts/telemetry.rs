//! Cases of alerts of the library about itself.

use super::Alerted;
use crate::rule::alert::telemetry as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "a span a minute is lost",
        alert: &alert::SPANS,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_telemetry_spans_dropped_total{job="j",instance="x",reason="queue_full"}"#, "0+1x20")],
        fires: &[(&[("job", "j"), ("reason", "queue_full")], "j lost 5 spans in 5 minutes (queue_full)")],
    },
    Alerted {
        title: "spans were lost long ago",
        alert: &alert::SPANS,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_telemetry_spans_dropped_total{job="j",instance="x",reason="queue_full"}"#, "7+0x20")],
        fires: &[],
    },
    Alerted {
        title: "a record a minute goes to the overflow series",
        alert: &alert::CAPPED,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "0+1x30")],
        fires: &[(&[("job", "j"), ("metric", "m")], "15 records of m went to its overflow series in 15 minutes")],
    },
    Alerted {
        title: "records went there long ago",
        alert: &alert::CAPPED,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_telemetry_capped_total{job="j",instance="x",metric="m"}"#, "7+0x30")],
        fires: &[],
    },
    Alerted {
        title: "a record a minute has a value too many",
        alert: &alert::VALUES,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#, "0+1x30")],
        fires: &[(
            &[("job", "j"), ("label", "tenant")],
            "15 records had a value of tenant that reads `other`, in 15 minutes",
        )],
    },
    Alerted {
        title: "records had one long ago",
        alert: &alert::VALUES,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_telemetry_label_values_capped_total{job="j",instance="x",label="tenant"}"#, "7+0x30")],
        fires: &[],
    },
    Alerted {
        title: "a metric's name was taken before the first scrape",
        alert: &alert::DETACHED,
        every: "1m",
        at: "20m",
        input: &[
            (r#"tta_telemetry_detached_total{job="j",instance="x",what="init"}"#, "0+0x30"),
            (r#"tta_telemetry_detached_total{job="j",instance="x",what="tta_llm_cost_total"}"#, "1+0x30"),
        ],
        fires: &[(
            &[("job", "j"), ("what", "tta_llm_cost_total")],
            "j left out tta_llm_cost_total 1 times when it started",
        )],
    },
    Alerted {
        title: "all is in its place",
        alert: &alert::DETACHED,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_telemetry_detached_total{job="j",instance="x",what="init"}"#, "0+0x30")],
        fires: &[],
    },
    Alerted {
        title: "half of the exports fail",
        alert: &alert::EXPORT,
        every: "1m",
        at: "15m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+30x30"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+30x30"),
        ],
        fires: &[(&[("job", "j"), ("signal", "traces")], "50% of j's exports of traces fail")],
    },
    Alerted {
        title: "one export in twenty fails",
        alert: &alert::EXPORT,
        every: "1m",
        at: "15m",
        input: &[
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+57x30"),
            (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="error"}"#, "0+3x30"),
        ],
        fires: &[],
    },
];
