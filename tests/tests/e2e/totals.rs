//! Totals stay right beyond the series limit of a metric, and when two functions share a name.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use expect_test::expect;
use tta_runtime::testing::Recording;
use tta_runtime::{Outcome, primitive};

#[primitive(
    type = "tool",
    action = "call",
    labels(subject = capped(subject)),
    slo(availability = 99.0, latency = "1s", latency_target = 90)
)]
fn about(recording: &Recording, subject: &str, seconds: u64) -> Result<(), String> {
    recording.advance(Duration::from_secs(seconds));
    if subject == "bad" { Err("bad".into()) } else { Ok(()) }
}

#[test]
fn calls_whose_labels_find_no_place_are_in_every_total() {
    let recording = Recording::new().with_label_sets(2);
    recording.run(|| {
        for (subject, seconds) in [("a", 0), ("b", 0), ("c", 0), ("d", 2), ("bad", 0), ("a", 3)] {
            let _ = about(&recording, subject, seconds);
        }
    });
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="about",action="call",status="success",subject="a"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="about",action="call",status="success",subject="b"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="about",action="call",status="success",subject="other"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="about",action="call",status="failure",subject="other"} 1
    "#]]
    .assert_eq(&without_zeros(&recording.metrics("tta_primitive_executions_total")));
    expect![[r#"
        tta_slo_events_total{primitive_name="about",slo="availability",outcome="good"} 5
        tta_slo_events_total{primitive_name="about",slo="availability",outcome="bad"} 1
        tta_slo_events_total{primitive_name="about",slo="latency",outcome="good"} 3
        tta_slo_events_total{primitive_name="about",slo="latency",outcome="bad"} 3
    "#]]
    .assert_eq(&recording.metrics("tta_slo_events_total"));
    expect![[r#"
        tta_telemetry_capped_total{metric="tta_primitive_executions_total"} 3
        tta_telemetry_capped_total{metric="tta_execution_duration_seconds"} 3
    "#]]
    .assert_eq(&without_zeros(&recording.metrics("tta_telemetry_capped_total")));
    let stats = recording.stats();
    let [about] = &stats.primitives[..] else { panic!("one function was called") };
    assert_eq!((about.started, about.ended[&Outcome::Success], about.ended[&Outcome::Failure]), (6, 5, 1));
}

#[primitive(type = "tool", action = "call", labels(urgent = urgent, known = known))]
fn declared(urgent: bool, known: bool) {}

#[test]
fn what_a_program_declares_is_there_whatever_the_limit() {
    for limit in [0, 1, usize::MAX] {
        let recording = Recording::new().with_label_sets(limit);
        recording.run(|| {
            for (urgent, known) in [(false, false), (false, true), (true, false), (true, true)] {
                declared(urgent, known);
            }
        });
        let counted = without_zeros(&recording.metrics("tta_primitive_executions_total"));
        let series: Vec<&str> =
            counted.lines().filter_map(|line| line.split_once(",urgent=")).map(|(_, own)| own).collect();
        let expected = [("false", "false"), ("false", "true"), ("true", "false"), ("true", "true")]
            .map(|(urgent, known)| format!("\"{urgent}\",known=\"{known}\"}} 1"));
        assert_eq!(series, expected, "{limit}");
    }
}

fn without_zeros(metrics: &str) -> String {
    metrics.split_inclusive('\n').filter(|line| !line.ends_with(" 0\n")).collect()
}

mod first {
    use tta_runtime::primitive;

    #[primitive(type = "tool", action = "call", slo(availability = 99.5, latency = "2s", latency_target = 95))]
    pub(super) fn search() {}
}

mod second {
    use tta_runtime::primitive;

    #[primitive(type = "tool", action = "call", slo(availability = 99.5, latency = "2s", latency_target = 95))]
    pub(super) fn search() {}
}

#[test]
fn two_functions_of_one_name_are_one_primitive_with_one_objective() {
    let recording = Recording::new();
    recording.run(|| {
        first::search();
        second::search();
    });
    expect![[r#"
        tta_slo_events_total{primitive_name="search",slo="availability",outcome="good"} 2
        tta_slo_events_total{primitive_name="search",slo="availability",outcome="bad"} 0
        tta_slo_events_total{primitive_name="search",slo="latency",outcome="good"} 2
        tta_slo_events_total{primitive_name="search",slo="latency",outcome="bad"} 0
        tta_slo_objective_ratio{primitive_name="search",slo="availability"} 0.995
        tta_slo_objective_ratio{primitive_name="search",slo="latency"} 0.95
        tta_slo_latency_threshold_seconds{primitive_name="search"} 2
    "#]]
    .assert_eq(&recording.metrics("tta_slo_"));
}

#[primitive(type = "tool", action = "call", slo(availability = 99.0, latency = "1h", latency_target = 90))]
fn quick() {}

#[test]
fn no_counter_falls_while_calls_run() {
    let recording = Recording::in_real_time();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            recording.run(|| {
                while !stop.load(Ordering::Relaxed) {
                    quick();
                }
            });
        });
        let mut before: Vec<f64> = Vec::new();
        for _ in 0..2_000 {
            let now: Vec<f64> = recording
                .metrics("tta_slo_events_total")
                .lines()
                .map(|line| line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number"))
                .collect();
            assert!(before.iter().zip(&now).all(|(before, now)| before <= now), "{before:?} then {now:?}");
            before = now;
        }
        stop.store(true, Ordering::Relaxed);
    });
}
