//! Cases of alerts on growth.

use crate::rule::alert::growth as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "slightly over half as many calls again as a day ago",
        alert: &alert::GROWTH,
        interval: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+100x1500 150154+154x129",
        )],
        checks: &[
            ("1580m", SILENT),
            ("1590m", &[(&[("job", "j")], "j has 54% more calls than at this time yesterday")]),
        ],
    },
    AlertCase {
        title: "slightly under half as many calls again as a day ago",
        alert: &alert::GROWTH,
        interval: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+100x1500 150146+146x129",
        )],
        checks: &[("1620m", SILENT)],
    },
    AlertCase {
        title: "twice as many calls as a day ago, slightly over a thousand in an hour",
        alert: &alert::GROWTH,
        interval: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+8x1500 12017.5+17.5x129",
        )],
        checks: &[("1620m", &[(&[("job", "j")], "j has 118.8% more calls than at this time yesterday")])],
    },
    AlertCase {
        title: "twice as many calls as a day ago, slightly under a thousand in an hour",
        alert: &alert::GROWTH,
        interval: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+8x1500 12016+16x129",
        )],
        checks: &[("1620m", SILENT)],
    },
];
