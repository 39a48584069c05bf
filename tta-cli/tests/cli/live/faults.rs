//! What goes wrong is shown by Alertmanager.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tta_cli::rule::alert;

use super::stack::{PATIENCE, Past, Stack, example, free_address};

/// What windows and waits are divided by: an hour becomes a minute, a day 24.
const HASTE: u32 = 60;

/// Alerts that these faults do not bring about within minutes; cases of promtool's have them all.
const ELSEWHERE: &[(&str, &str)] = &[
    ("TtaTokenRateAnomaly", "needs a quiet hour and a quiet day before a loud one"),
    ("TtaCacheNeverHit", "the example's questions repeat"),
    ("TtaPromptCacheNeverRead", "the example's models do not charge for writing to their cache"),
    ("TtaWorkflowFailureSpike", "is a change, and the example is faulty from its start"),
    ("TtaLabelsCapped", "the example has few labels"),
    ("TtaCircuitOpen", "the example's circuits open for a quarter of a second at a time"),
    ("TtaCostBudgetBurn", "the example has no budget"),
    ("TtaUnpricedTokens", "the models of the example's server have prices"),
    ("TtaBudgetRefusing", "the example has no budget"),
    ("TtaBudgetSoftLimit", "the example has no budget"),
    ("TtaCompensationFailed", "the example has no saga"),
    ("TtaCacheFailing", "the example's cache is in memory, which does not fail"),
    ("TtaLabelValuesCapped", "the example has no capped label"),
    ("TtaDetached", "the example starts once, and registers no metrics"),
];

/// Waits until Alertmanager has had each of these alerts, and returns all that it had, each with whether it was muted at last.
#[track_caller]
fn wait_for(stack: &Stack, wanted: &BTreeSet<&str>) -> BTreeMap<String, bool> {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = BTreeMap::new();
    loop {
        for (name, muted) in stack.alerts() {
            seen.insert(name, muted);
        }
        let missing: Vec<_> = wanted.iter().filter(|wanted| !seen.contains_key(**wanted)).collect();
        if missing.is_empty() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not in Alertmanager: {missing:?}; there were {seen:?}");
        // The server has nothing to wait on but its next evaluation.
        std::thread::park_timeout(Duration::from_millis(500));
    }
}

#[test]
fn alertmanager_shows_what_goes_wrong() {
    // Nobody listens for traces; notes expire at once; most answers go wrong.
    let faulty = ["--rate", "8", "--faults", "70", "--latency", "0.2", "--note-ttl", "0.1"];
    let (target, example_process) = example("live-faults-example", free_address(), &faulty);
    // A second instance hangs.
    let hanging = ["--rate", "5", "--latency", "100", "--timeout", "1000"];
    let (slow_target, _hanging) = example("live-faults-hanging", free_address(), &hanging);

    // A day ago all was small and fast, and a component was younger.
    let series: Vec<Past> = vec![
        (
            r#"tta_primitive_executions_total{job="tta-primitives",instance="past",primitive_name="chat",status="success"}"#.to_owned(),
            |since| since.as_secs_f64() * 2.0,
        ),
        (
            r#"primitive:tta_execution_duration_seconds:p95_1h{job="tta-primitives",primitive_type="workflow",primitive_name="answer_question"}"#
                .to_owned(),
            |_| 0.1,
        ),
        (r#"tta_component_stage{job="ci",instance="past",component="cache"}"#.to_owned(), |_| 1.0),
    ];
    let day = Duration::from_secs(24 * 60);
    let past: Vec<_> =
        series.into_iter().map(|series| (day + Duration::from_secs(180), Duration::from_secs(600), series)).collect();
    let stack = Stack::start("live-faults", HASTE, &[target, slow_target], &past);
    stack.push_components("live-faults-components");

    let all: BTreeSet<_> = alert::GROUPS.iter().flat_map(|group| group.alerts).map(|alert| alert.name).collect();
    let elsewhere: BTreeSet<_> = ELSEWHERE.iter().map(|(name, _)| *name).collect();
    assert!(elsewhere.is_subset(&all), "{elsewhere:?}");
    let down = BTreeSet::from(["TtaServiceDown"]);
    let wanted: BTreeSet<_> = &(&all - &elsewhere) - &down;
    let alerts = wait_for(&stack, &wanted);
    assert!(!alerts["TtaSloBurn14x"], "{alerts:?}");
    // Alertmanager mutes as soon as it knows of both.
    let deadline = Instant::now() + PATIENCE;
    while !stack.alerts().iter().any(|(name, muted)| name == "TtaSloBurn3x" && *muted) {
        assert!(Instant::now() < deadline, "a fast burn mutes a slow one: {:?}", stack.alerts());
        std::thread::park_timeout(Duration::from_millis(200));
    }

    drop(example_process);
    let alerts = wait_for(&stack, &down);
    assert!(!alerts["TtaServiceDown"], "{alerts:?}");
    // Alertmanager mutes as soon as it knows of both.
    let deadline = Instant::now() + PATIENCE;
    while stack.alerts().iter().any(|(name, muted)| name == "TtaCacheHitRatioLow" && !muted) {
        assert!(Instant::now() < deadline, "an instance that is down mutes warnings of its job: {:?}", stack.alerts());
        std::thread::park_timeout(Duration::from_millis(200));
    }
}
