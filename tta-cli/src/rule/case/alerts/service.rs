//! Cases of alerts on unreachable and missing instances.

use crate::rule::alert::service as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "one of two instances does not answer",
        alert: &alert::DOWN,
        interval: "15s",
        input: &[(r#"up{job="$job",instance="x"}"#, "1 1 0+0x5"), (r#"up{job="$job",instance="y"}"#, "1+0x7")],
        checks: &[("165s", SILENT), ("3m", &[(&[("job", "$job"), ("instance", "x")], "x of $job is down (up = 0)")])],
    },
    AlertCase {
        title: "all instances answer, and something else does not",
        alert: &alert::DOWN,
        interval: "15s",
        input: &[(r#"up{job="$job",instance="x"}"#, "1+0x5"), (r#"up{job="other",instance="x"}"#, "0+0x5")],
        checks: &[("3m", SILENT)],
    },
    AlertCase {
        title: "the last instance leaves the service discovery, and comes back",
        alert: &alert::MISSING,
        interval: "15s",
        input: &[(r#"up{job="$job",instance="x"}"#, "1+0x3 stale _x9 1+0x5")],
        checks: &[
            ("3m", SILENT),
            ("525s", SILENT),
            ("585s", &[(&[("job", "$job")], "$job has had no instance to scrape for 5 minutes (absent = 1)")]),
            ("13m", &[(&[("job", "$job")], "$job has had no instance to scrape for 5 minutes (absent = 1)")]),
            ("15m", SILENT),
        ],
    },
    AlertCase {
        title: "one of two instances leaves it",
        alert: &alert::MISSING,
        interval: "15s",
        input: &[(r#"up{job="$job",instance="x"}"#, "1+0x3 stale _x30"), (r#"up{job="$job",instance="y"}"#, "1+0x34")],
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "an instance is down, and known",
        alert: &alert::MISSING,
        interval: "15s",
        input: &[(r#"up{job="$job",instance="x"}"#, "0+0x30")],
        checks: &[("20m", SILENT)],
    },
    AlertCase {
        title: "there is another job, and never this one",
        alert: &alert::MISSING,
        interval: "15s",
        input: &[(r#"up{job="other",instance="x"}"#, "1+0x30")],
        checks: &[("20m", &[(&[("job", "$job")], "$job has had no instance to scrape for 5 minutes (absent = 1)")])],
    },
    AlertCase {
        title: "the job pushes its metrics, so that no target has its name",
        alert: &alert::MISSING,
        interval: "15s",
        input: &[
            (r#"up{job="pushgateway",instance="x"}"#, "1+0x80"),
            (r#"tta_build_info{job="$job",version="1"}"#, "1+0x80"),
        ],
        checks: &[("20m", SILENT)],
    },
];
