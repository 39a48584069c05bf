//! Samples from before the programs started, as OpenMetrics text for Prometheus.

use std::fmt::Write as _;
use std::time::SystemTime;

/// Seconds between two samples; Prometheus' lookback is longer.
const STEP: usize = 10;

/// A series of the past.
struct Past {
    selector: &'static str,
    /// Its start, in days before now; a day is as long as in the accelerated rules.
    from_days: u64,
    until: Until,
    /// The value this many seconds after its first sample.
    value: fn(u64) -> f64,
}

/// When a series of the past ends.
enum Until {
    /// Long enough for comparisons with it to last a whole test.
    HalfADay,
    Now,
}

const SERIES: &[Past] = &[
    // Traffic was low and latency was short.
    Past {
        selector: r#"tta_primitive_executions_total{job="tta-primitives",instance="past",primitive_name="chat",status="success"}"#,
        from_days: 1,
        until: Until::HalfADay,
        value: |seconds| seconds as f64,
    },
    Past {
        selector: r#"primitive:tta_execution_duration_seconds:p95_1h{job="tta-primitives",primitive_type="workflow",primitive_name="answer_question"}"#,
        from_days: 1,
        until: Until::HalfADay,
        value: |_| 0.1,
    },
    // As many tokens per second as all programs use, except the one whose prompts grow.
    Past {
        selector: r#"job:tta_llm_tokens:rate1h{job="tta-primitives"}"#,
        from_days: 1,
        until: Until::Now,
        value: |_| 50_000.0,
    },
    // One workflow succeeded, the other failed.
    Past {
        selector: r#"workflow:tta_workflow_errors:ratio_rate1h{job="tta-primitives",workflow_name="import"}"#,
        from_days: 1,
        until: Until::Now,
        value: |_| 0.01,
    },
    Past {
        selector: r#"workflow:tta_workflow_errors:ratio_rate1h{job="tta-primitives",workflow_name="habit"}"#,
        from_days: 1,
        until: Until::Now,
        value: |_| 0.9,
    },
    // Components were less mature.
    Past {
        selector: r#"tta_component_stage{job="ci",instance="past",component="cache"}"#,
        from_days: 1,
        until: Until::HalfADay,
        value: |_| 1.0,
    },
    Past {
        selector: r#"tta_component_coverage_ratio{job="ci",instance="past",component="cache"}"#,
        from_days: 7,
        until: Until::HalfADay,
        value: |_| 0.5,
    },
];

/// Returns the past for rules whose windows are divided by `haste`.
pub(super) fn text(haste: u32) -> String {
    let day = 24 * 60 * 60 / u64::from(haste);
    // Slightly earlier, so that samples that are a day old exist from the start.
    let margin = day / 8;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970").as_secs();
    let mut text = String::new();
    for past in SERIES {
        let begin = now - past.from_days * day - margin;
        let end = match past.until {
            Until::HalfADay => begin + day / 2,
            Until::Now => now,
        };
        for at in (begin..end).step_by(STEP) {
            let _ = writeln!(text, "{} {} {at}", past.selector, (past.value)(at - begin));
        }
    }
    text.push_str("# EOF\n");
    text
}
