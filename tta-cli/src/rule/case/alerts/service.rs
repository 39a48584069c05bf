//! Cases of alerts on unreachable instances.

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
];
