//! Cases of alerts on work that fails, slows down or piles up.

use super::Alerted;
use crate::rule::alert::workflows as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "half of the runs fail, and none did an hour ago",
        alert: &alert::FAILURES,
        every: "1m",
        input: &[
            (
                r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="success"}"#,
                "0+60x130 7830+30x30",
            ),
            (
                r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="failure"}"#,
                "0+0x130 30+30x30",
            ),
        ],
        looks: &[("140m", &[(&[("job", "j"), ("workflow_name", "w")], "50% of w's runs go wrong")])],
    },
    Alerted {
        title: "half of the runs fail, and there was none an hour ago",
        alert: &alert::FAILURES,
        every: "1m",
        input: &[
            (r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="success"}"#, "0+30x30"),
            (r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="failure"}"#, "0+30x30"),
        ],
        looks: &[("10m", &[(&[("job", "j"), ("workflow_name", "w")], "50% of w's runs go wrong")])],
    },
    Alerted {
        title: "half of the runs fail, as they did an hour ago",
        alert: &alert::FAILURES,
        every: "1m",
        input: &[
            (r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="success"}"#, "0+30x160"),
            (r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="failure"}"#, "0+30x160"),
        ],
        looks: &[("140m", &[])],
    },
    Alerted {
        title: "half of the runs fail, of hardly any",
        alert: &alert::FAILURES,
        every: "1m",
        input: &[
            (
                r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="success"}"#,
                "0+0x130 1+0x30",
            ),
            (
                r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status="failure"}"#,
                "0+0x130 1+0x30",
            ),
        ],
        looks: &[("132m", &[])],
    },
    Alerted {
        title: "four times as long as a day ago",
        alert: &alert::LATENCY,
        every: "5m",
        input: &[
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="0.5"}"#,
                "0+0x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="1"}"#,
                "0+60x1470 88200+0x100",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="2"}"#,
                "0+60x1470 88200+0x100",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="4"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="+Inf"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_count{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x1570",
            ),
        ],
        looks: &[(
            "1560m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "95 % of chat's calls take up to 3.9s, half as long again as a day ago",
            )],
        )],
    },
    Alerted {
        title: "as long as a day ago",
        alert: &alert::LATENCY,
        every: "5m",
        input: &[
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="0.5"}"#,
                "0+0x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="1"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="2"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="4"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="+Inf"}"#,
                "0+60x1570",
            ),
            (
                r#"tta_execution_duration_seconds_count{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x1570",
            ),
        ],
        looks: &[("1560m", &[])],
    },
    Alerted {
        title: "four times as long as a day ago, of hardly a call",
        alert: &alert::LATENCY,
        every: "5m",
        input: &[
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="0.5"}"#,
                "0+0x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="1"}"#,
                "0+1x1470 1470+0x100",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="2"}"#,
                "0+1x1470 1470+0x100",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="4"}"#,
                "0+1x1570",
            ),
            (
                r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="+Inf"}"#,
                "0+1x1570",
            ),
            (
                r#"tta_execution_duration_seconds_count{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+1x1570",
            ),
        ],
        looks: &[("1560m", &[])],
    },
    Alerted {
        title: "thirty calls are in progress where one is accounted for",
        alert: &alert::SATURATION,
        every: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "30+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x20",
            ),
        ],
        looks: &[(
            "10m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "30 calls of chat are in progress, and few of them end",
            )],
        )],
    },
    Alerted {
        title: "thirty calls are in progress, and twenty are accounted for",
        alert: &alert::SATURATION,
        every: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "30+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+1200x20",
            ),
        ],
        looks: &[("10m", &[])],
    },
    Alerted {
        title: "ten calls are in progress where one is accounted for",
        alert: &alert::SATURATION,
        every: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "10+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x20",
            ),
        ],
        looks: &[("10m", &[])],
    },
];
