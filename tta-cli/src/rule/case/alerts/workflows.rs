//! Cases of alerts on work that fails, slows down or piles up.

use crate::rule::alert::workflows as alert;
use crate::rule::case::row::{AlertCase, SILENT};

/// Counters of a workflow's runs by status.
macro_rules! runs {
    ($($status:literal => $values:literal),+) => {
        &[$((
            concat!(r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="w",status=""#, $status, r#""}"#),
            $values,
        )),+]
    };
}

/// Counters of calls in a latency bucket, and of all calls.
macro_rules! durations {
    ($($bound:literal => $values:literal),+, count => $count:literal) => {
        &[
            $((
                concat!(
                    r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le=""#,
                    $bound,
                    r#""}"#
                ),
                $values,
            ),)+
            (
                r#"tta_execution_duration_seconds_count{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                $count,
            ),
        ]
    };
}

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "over a tenth of the runs fail, and none did an hour ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+60x130 7853+53x39 9980+60x29", "failure" => "0+0x130 7+7x39 280+0x29"),
        checks: &[
            ("136m", SILENT),
            ("137m", &[(&[("job", "j"), ("workflow_name", "w")], "11.67% of w's runs go wrong")]),
            ("175m", &[(&[("job", "j"), ("workflow_name", "w")], "11.67% of w's runs go wrong")]),
            ("176m", SILENT),
        ],
    },
    AlertCase {
        title: "under a tenth of the runs fails, and none did an hour ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+60x130 7855+55x29", "failure" => "0+0x130 5+5x29"),
        checks: &[("150m", SILENT)],
    },
    AlertCase {
        title: "half of the runs fail, and there was none an hour ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+30x30", "failure" => "0+30x30"),
        checks: &[("2m", SILENT), ("3m", &[(&[("job", "j"), ("workflow_name", "w")], "50% of w's runs go wrong")])],
    },
    AlertCase {
        title: "over three times as many fail as an hour ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+100x130 13050+50x29", "failure" => "0+18x130 2390+50x29"),
        checks: &[("150m", &[(&[("job", "j"), ("workflow_name", "w")], "50% of w's runs go wrong")])],
    },
    AlertCase {
        title: "under three times as many fail as an hour ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+100x130 13050+50x29", "failure" => "0+22x130 2910+50x29"),
        checks: &[("150m", SILENT)],
    },
    AlertCase {
        title: "half of the runs fail, of slightly more than ten",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+1.05x40", "failure" => "0+1.05x40"),
        checks: &[("30m", &[(&[("job", "j"), ("workflow_name", "w")], "50% of w's runs go wrong")])],
    },
    AlertCase {
        title: "half of the runs fail, of slightly fewer than ten and many cancelled",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+0.95x40", "failure" => "0+0.95x40", "cancelled" => "0+60x40"),
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "half of the runs fail, as an hour ago and not two hours ago",
        alert: &alert::FAILURES,
        interval: "1m",
        input: runs!("success" => "0+30x230", "failure" => "0+0x100 30+30x59 1800+0x39 1830+30x29"),
        checks: &[("210m", SILENT)],
    },
    AlertCase {
        title: "twice as long as a day ago",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.5" => "0+0x1500 0+0x129", "1" => "0+60x1500 90000+0x129", "2" => "0+60x1500 90100+100x129", "4" => "0+60x1500 90100+100x129", "+Inf" => "0+60x1500 90100+100x129", count => "0+60x1500 90100+100x129"),
        checks: &[
            ("1515m", SILENT),
            (
                "1565m",
                &[(
                    &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                    "95 % of chat's calls take up to 1.95s, half as long again as a day ago",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly more than half as long again as a day ago",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.5" => "0+0x1500 0+0x129", "1" => "0+60x1500 90088+88x129", "2" => "0+60x1500 90100+100x129", "4" => "0+60x1500 90100+100x129", "+Inf" => "0+60x1500 90100+100x129", count => "0+60x1500 90100+100x129"),
        checks: &[(
            "1620m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "95 % of chat's calls take up to 1.583s, half as long again as a day ago",
            )],
        )],
    },
    AlertCase {
        title: "slightly less than half as long again as a day ago",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.5" => "0+0x1500 0+0x129", "1" => "0+60x1500 90092.1+92.1x129", "2" => "0+60x1500 90100+100x129", "4" => "0+60x1500 90100+100x129", "+Inf" => "0+60x1500 90100+100x129", count => "0+60x1500 90100+100x129"),
        checks: &[("1620m", SILENT)],
    },
    AlertCase {
        title: "twice as long as a day ago, and so short that nobody minds",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.04" => "0+60x1500 90000+0x129", "0.1" => "0+60x1500 90060+60x129", "0.12" => "0+60x1500 90060+60x129", "+Inf" => "0+60x1500 90060+60x129", count => "0+60x1500 90060+60x129"),
        checks: &[("1620m", SILENT)],
    },
    AlertCase {
        title: "twice as long as a day ago, and somewhat longer than nobody minds",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.06" => "0+60x1500 90000+0x129", "0.11" => "0+60x1500 90060+60x129", "0.14" => "0+60x1500 90060+60x129", "+Inf" => "0+60x1500 90060+60x129", count => "0+60x1500 90060+60x129"),
        checks: &[(
            "1620m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "95 % of chat's calls take up to 107.5ms, half as long again as a day ago",
            )],
        )],
    },
    AlertCase {
        title: "twice as long as a day ago, in slightly more than a hundred calls",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.5" => "0+0x1500 0+0x129", "1" => "0+1.7x1500 2550+0x129", "2" => "0+1.7x1500 2551.7+1.7x129", "4" => "0+1.7x1500 2551.7+1.7x129", "+Inf" => "0+1.7x1500 2551.7+1.7x129", count => "0+1.7x1500 2551.7+1.7x129"),
        checks: &[(
            "1620m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "95 % of chat's calls take up to 1.95s, half as long again as a day ago",
            )],
        )],
    },
    AlertCase {
        title: "twice as long as a day ago, in slightly fewer than a hundred calls",
        alert: &alert::LATENCY,
        interval: "5m",
        input: durations!("0.5" => "0+0x1500 0+0x129", "1" => "0+1.6x1500 2400+0x129", "2" => "0+1.6x1500 2401.6+1.6x129", "4" => "0+1.6x1500 2401.6+1.6x129", "+Inf" => "0+1.6x1500 2401.6+1.6x129", count => "0+1.6x1500 2401.6+1.6x129"),
        checks: &[("1620m", SILENT)],
    },
    AlertCase {
        title: "over three times as many calls are in progress as are accounted for",
        alert: &alert::SATURATION,
        interval: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "33+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+600x20",
            ),
        ],

        checks: &[
            ("5m", SILENT),
            (
                "6m",
                &[(
                    &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                    "33 calls of chat are in progress, and few of them end",
                )],
            ),
        ],
    },
    AlertCase {
        title: "under three times as many calls are in progress as are accounted for",
        alert: &alert::SATURATION,
        interval: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "27+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+600x20",
            ),
        ],

        checks: &[("20m", SILENT)],
    },
    AlertCase {
        title: "21 calls are in progress where one is accounted for",
        alert: &alert::SATURATION,
        interval: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "21+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x20",
            ),
        ],

        checks: &[(
            "20m",
            &[(
                &[("job", "j"), ("primitive_type", "llm"), ("primitive_name", "chat")],
                "21 calls of chat are in progress, and few of them end",
            )],
        )],
    },
    AlertCase {
        title: "19 calls are in progress where one is accounted for",
        alert: &alert::SATURATION,
        interval: "1m",
        input: &[
            (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "19+0x20"),
            (
                r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
                "0+60x20",
            ),
        ],

        checks: &[("20m", SILENT)],
    },
];
