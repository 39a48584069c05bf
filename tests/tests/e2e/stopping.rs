//! A stopping program waits for its collector no longer than its deadline, and reports the abandoned spans.

use std::process::Command;

use crate::child::{run, subject};
use crate::receiver::{Answer, Receiver};

/// The deadline of the program's shutdown.
const DEADLINE_MS: u64 = 300;

/// The promise is the deadline and 50 ms. A machine that is busy with other tests may add to that, which is not a fault of
/// the program. It is still far from the 30 s that the collector would take.
const TOLERANCE_MS: u64 = 2_000;

/// Stops against a collector that never answers, and returns the program's output and the time taken.
fn stop(way: &str, configure: fn(&mut Command)) -> (String, u64) {
    let receiver = Receiver::answering(Answer::Hang);
    let mut subject = subject("stop");
    subject.args([way, &DEADLINE_MS.to_string()]).env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    configure(subject.env("OTEL_EXPORTER_OTLP_TIMEOUT", "30000"));
    let said = run(&mut subject);
    let (before, took) = said.stdout.rsplit_once("took_ms ").expect("the time is told");
    (before.to_owned(), took.trim().parse().expect("it is a number"))
}

#[track_caller]
pub(crate) fn assert_in_time(took_ms: u64, deadline_ms: u64) {
    let in_time = deadline_ms.saturating_sub(50)..=deadline_ms + TOLERANCE_MS;
    assert!(in_time.contains(&took_ms), "{took_ms} ms");
}

#[test]
fn a_shutdown_ends_at_its_deadline_and_says_how_many_spans_it_abandoned() {
    for way in ["outside", "inside", "inside_many"] {
        let (said, took_ms) = stop(way, |_| {});
        assert_eq!(
            said, "ShutdownReport { abandoned_spans: 1000, metrics_sent: false, budgets_settled: true }\n",
            "{way}"
        );
        assert_in_time(took_ms, DEADLINE_MS);
    }
}

#[test]
fn a_second_shutdown_finds_nothing_to_do() {
    let (said, took_ms) = stop("twice", |_| {});
    assert_eq!(
        said,
        "ShutdownReport { abandoned_spans: 1000, metrics_sent: false, budgets_settled: true }\nShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true }\n"
    );
    assert_in_time(took_ms, DEADLINE_MS);
}

#[test]
fn dropping_the_telemetry_waits_for_one_request_to_a_collector_at_most() {
    let (said, took_ms) = stop("drop", |_| {});
    assert_eq!(said, "");
    assert_in_time(took_ms, 11_000);
}

#[test]
fn a_shutdown_without_a_hanging_collector_takes_no_time() {
    let (said, took_ms) = stop("outside", |command| {
        command.env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    });
    assert_eq!(said, "ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true }\n");
    assert!(took_ms < TOLERANCE_MS, "{took_ms} ms");
}

#[test]
fn a_shutdown_against_a_collector_that_answers_abandons_nothing() {
    let receiver = Receiver::start();
    let mut subject = subject("stop");
    subject.args(["inside", "20000"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    let said = run(&mut subject);
    assert_eq!(
        said.stdout.lines().next(),
        Some("ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true }")
    );
    assert_eq!(receiver.received().spans.len(), 1_000);
}
