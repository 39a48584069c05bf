//! Cases of alerts on growth.

use super::Alerted;
use crate::rule::alert::growth as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "twice as many calls as a day ago",
        alert: &alert::GROWTH,
        every: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+60x1470 88320+120x100",
        )],
        looks: &[("1565m", &[(&[("job", "j")], "j has 100% more calls than at this time yesterday")])],
    },
    Alerted {
        title: "as many calls as a day ago",
        alert: &alert::GROWTH,
        every: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+60x1570",
        )],
        looks: &[("1565m", &[])],
    },
    Alerted {
        title: "twice as many calls as a day ago, of hardly any",
        alert: &alert::GROWTH,
        every: "5m",
        input: &[(
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+1x1470 1472+2x100",
        )],
        looks: &[("1565m", &[])],
    },
];
