//! Spans on their way to a collector that misbehaves: nothing is lost without a reason, and no exporter is lost for another.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tests::faults::{Fault, FaultServer};

use crate::child::{Running, subject};

/// A program that does what it is told, and the collector of its spans.
pub(crate) struct Driven {
    pub(crate) program: Running,
    server: FaultServer,
}

impl Driven {
    /// Starts a program whose requests to the collector end after 800 ms, which is long enough for four at a time on a busy machine.
    pub(crate) fn start(fault: Fault, configure: impl FnOnce(&mut Command)) -> Self {
        let server = FaultServer::start(fault);
        let mut command = subject("driven");
        command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", server.endpoint()));
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "800");
        configure(&mut command);
        Self { program: Running::start(&mut command), server }
    }

    #[track_caller]
    pub(crate) fn tell(&mut self, command: &str) -> String {
        self.program.say(command);
        self.program.line()
    }

    #[track_caller]
    pub(crate) fn work(&mut self, spans: usize) {
        assert_eq!(self.tell(&format!("work {spans}")), "worked");
    }

    #[track_caller]
    pub(crate) fn assert_flushed(&mut self) {
        assert_eq!(self.tell("flush 30000"), "flushed true");
    }

    /// Returns the counts of spans that are not 0.
    #[track_caller]
    pub(crate) fn counts(&mut self) -> BTreeMap<String, u64> {
        self.program.say("metrics");
        self.read_counts()
    }

    #[track_caller]
    pub(crate) fn read_counts(&mut self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        loop {
            let line = self.program.line();
            let Some((name, value)) = line.rsplit_once(' ') else { return counts };
            let name = name.trim_start_matches("tta_telemetry_").replace("_total", "").replace('"', "");
            let value: u64 = value.parse().expect("it is a number");
            if value > 0 {
                counts.insert(name, value);
            }
        }
    }

    /// Returns the ids of the spans in requests that the collector accepted.
    pub(crate) fn accepted(&self) -> BTreeSet<Vec<u8>> {
        self.accepted_spans().into_iter().map(|span| span.span_id).collect()
    }

    fn accepted_spans(&self) -> Vec<Span> {
        let requests = self.server.requests();
        requests.iter().filter(|request| request.was_accepted).flat_map(|request| spans(&request.body)).collect()
    }
}

/// Returns the spans of a request.
fn spans(body: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(body).expect("it is a request");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// Returns the text of an attribute.
fn text(span: &Span, key: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match attribute.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        other => panic!("{key} is {other:?}"),
    }
}

pub(crate) fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn an_outage_shorter_than_the_queue_loses_nothing() {
    let outages = [
        Fault::Refuse,
        Fault::Reset,
        Fault::BlackHole,
        Fault::Drip,
        Fault::Cut,
        Fault::Status(429, None),
        Fault::Status(502, None),
        Fault::Status(503, Some(1)),
        Fault::Status(504, Some(0)),
    ];
    for outage in outages {
        let mut driven = Driven::start(outage.clone(), |_| {});
        driven.work(3_000);
        assert_eq!(driven.tell("flush 1000"), "flushed false", "{outage:?}");
        driven.server.become_(Fault::Healthy);
        driven.assert_flushed();
        assert_eq!(driven.counts(), counts([("spans_ended", 3_000), ("spans_exported", 3_000)]), "{outage:?}");
        assert_eq!(driven.accepted().len(), 3_000, "{outage:?}");
        let said = driven.program.finish();
        let lines: Vec<_> =
            said.stderr.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect();
        assert_eq!(lines, ["WARN", "INFO"], "{outage:?} {}", said.stderr);
    }
}

#[test]
fn a_collector_s_wish_to_wait_is_respected() {
    let mut driven = Driven::start(Fault::Status(503, Some(2)), |_| {});
    driven.work(1);
    driven.server.wait_for(2);
    let requests = driven.server.requests();
    let waited = requests[1].at - requests[0].at;
    assert!((2.0..4.0).contains(&waited.as_secs_f64()), "{waited:?}");
}

#[test]
fn several_requests_are_on_their_way_at_the_same_time() {
    let mut driven = Driven::start(Fault::Late(5_000), |command| {
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "20000");
    });
    driven.work(3_000);
    driven.server.wait_for(4);
    let requests = driven.server.requests();
    let took = requests[3].at - requests[0].at;
    assert!(took.as_secs_f64() < 5.0, "the first one is not answered yet after {took:?}");
    driven.assert_flushed();
    assert_eq!(driven.counts(), counts([("spans_ended", 3_000), ("spans_exported", 3_000)]));
    assert_eq!(driven.accepted().len(), 3_000);
}

#[test]
fn while_a_collector_wishes_to_wait_no_other_request_is_sent() {
    let mut driven = Driven::start(Fault::Status(503, Some(2)), |_| {});
    driven.work(3_000);
    driven.server.wait_for(6);
    let requests = driven.server.requests();
    let at: Vec<f64> = requests.iter().map(|request| (request.at - requests[0].at).as_secs_f64()).collect();
    // Those on the way when the first answer came; then one at a time.
    let first = at.iter().filter(|at| **at < 1.0).count();
    assert!(first <= 4, "{at:?}");
    assert!(at.windows(2).skip(first - 1).all(|pair| pair[1] - pair[0] >= 1.9), "{at:?}");
    driven.server.become_(Fault::Healthy);
    driven.assert_flushed();
    assert_eq!(driven.accepted().len(), 3_000);
}

#[test]
fn an_answer_that_is_no_acceptance_is_not_counted_as_one() {
    let elsewhere = FaultServer::start(Fault::Healthy);
    let refusals = [
        Fault::Garbage,
        Fault::Html,
        Fault::Endless,
        Fault::Status(400, None),
        Fault::Status(500, Some(1)),
        Fault::Redirect(format!("{}/v1/traces", elsewhere.endpoint())),
    ];
    for refusal in refusals {
        let mut driven = Driven::start(refusal.clone(), |_| {});
        driven.work(100);
        driven.assert_flushed();
        let expected = counts([("spans_ended", 100), ("spans_dropped{reason=non_retryable}", 100)]);
        assert_eq!(driven.counts(), expected, "{refusal:?}");
    }
    assert_eq!(elsewhere.requests().len(), 0, "redirects are not followed");
}

#[test]
fn rejected_spans_are_counted_by_the_answer_s_own_number() {
    let mut driven = Driven::start(Fault::Partial(3), |command| {
        // One batch: the flush alone exports.
        command.env("OTEL_BSP_SCHEDULE_DELAY", "600000");
    });
    driven.work(100);
    driven.assert_flushed();
    // The threads of the start may find the first spans before the others are there.
    let requests = driven.server.requests();
    let rejected: usize = requests.iter().map(|request| spans(&request.body).len().min(3)).sum();
    let rejected = rejected as u64;
    let expected =
        [("spans_ended", 100), ("spans_exported", 100 - rejected), ("spans_dropped{reason=rejected}", rejected)];
    assert_eq!(driven.counts(), counts(expected));
    assert_eq!(
        driven.program.finish().stderr.trim(),
        "WARN tta::telemetry: span export failed; spans that cannot wait are dropped and counted until it recovers \
         error=\"the collector rejected 3: no space left\""
    );
}

#[test]
fn an_exporter_that_misbehaves_takes_nothing_from_another() {
    // Less than an exporter's share of the queue.
    const SPANS: usize = 1_000;
    let cases = [("blocking", "deadline"), ("pending", "deadline"), ("panicking", "exporter_panic")];
    for (exporter, reason) in cases {
        let mut driven = Driven::start(Fault::Healthy, |command| {
            // Long enough for the healthy collector on a busy machine.
            command.env("OTEL_BSP_EXPORT_TIMEOUT", "1500").env("OTEL_EXPORTER_OTLP_TIMEOUT", "1500");
            command.arg(exporter).env("OTEL_BSP_MAX_QUEUE_SIZE", "4096");
        });
        for _ in 0..4 {
            driven.work(SPANS);
            // The other exporter may be late for ever; the collector must have all.
            driven.tell("flush 3000");
        }
        assert_eq!(driven.accepted().len(), 4 * SPANS, "{exporter}");
        assert!(driven.tell("shutdown 500").starts_with("ShutdownReport"), "{exporter}");
        let counts = driven.counts();
        assert!(counts.get(&format!("spans_dropped{{reason={reason}}}")).is_some_and(|&n| n > 0), "{counts:?}");
        let settled: u64 = counts.iter().filter(|(name, _)| *name != "spans_ended").map(|(_, n)| n).sum();
        assert_eq!(settled, 4 * SPANS as u64, "{exporter} {counts:?}");
        let said = driven.program.finish().stderr;
        let warnings = said.lines().filter(|line| line.trim_start().starts_with("WARN")).count();
        assert_eq!(warnings, 1, "{exporter}\n{said}");
    }
}

#[test]
fn an_outage_longer_than_the_queue_gives_up_the_oldest_spans() {
    let mut driven = Driven::start(Fault::Status(503, None), |command| {
        command.env("OTEL_BSP_MAX_QUEUE_SIZE", "1024").env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "64");
    });
    for round in 1..=40 {
        driven.work(64);
        driven.tell("flush 1");
        driven.server.wait_for(round / 8);
    }
    driven.server.become_(Fault::Healthy);
    driven.assert_flushed();
    let counts = driven.counts();
    let (given_up, exported) = (counts["spans_dropped{reason=retry_exhausted}"], counts["spans_exported"]);
    // Before the first failure an exporter is only slow, and a full queue refuses new spans.
    let refused = counts.get("spans_dropped{reason=queue_full}").copied().unwrap_or_default();
    assert_eq!(counts["spans_ended"], given_up + refused + exported, "{counts:?}");
    assert!(given_up > 1_000, "{counts:?}");
    assert!((1_024 - 128 - 64..=1_024).contains(&exported), "{counts:?}");
}

#[test]
fn spans_of_every_shape_and_a_million_labels_behind_a_black_hole_stay_within_16_mib() {
    for exporter in ["none", "blocking"] {
        let mut driven = Driven::start(Fault::BlackHole, |command| {
            command.arg(exporter).env("OTEL_EXPORTER_OTLP_TIMEOUT", "10000");
        });
        let resident = |driven: &mut Driven| -> u64 {
            let said = driven.tell("resident");
            said.trim_start_matches("resident_kib ").parse().expect("it is a number")
        };
        driven.work(1);
        driven.server.wait_for(1);
        // Meanwhile the prices are loaded.
        assert_eq!(driven.tell("flush 3000"), "flushed false");
        let before = resident(&mut driven);
        for _ in 0..10 {
            assert_eq!(driven.tell("hostile 300"), "worked");
        }
        // Labels know no exporter, and an unoptimised build takes some 20 µs for each: once is enough.
        let labels = if exporter == "blocking" { 1_000_000 } else { 0 };
        for from in (0..labels).step_by(100_000) {
            assert_eq!(driven.tell(&format!("labels {from}")), "worked");
        }
        let after = resident(&mut driven);
        assert!(after - before <= 16 * 1_024, "{exporter}: {} KiB", after - before);
        let counts = driven.counts();
        let dropped: u64 = counts.iter().filter(|(name, _)| name.starts_with("spans_dropped")).map(|(_, n)| n).sum();
        assert_eq!(counts["spans_ended"], dropped + counts["span_queue_length"], "{counts:?}");
        for part in ["event", "text", "list"] {
            assert!(counts[&format!("span_parts_dropped{{part={part}}}")] > 0, "{counts:?}");
        }
    }
}

#[test]
fn the_limits_of_opentelemetry_s_variables_are_obeyed() {
    let mut driven = Driven::start(Fault::Healthy, |command| {
        command.env("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "10").env("OTEL_SPAN_EVENT_COUNT_LIMIT", "3");
        command.env("OTEL_ATTRIBUTE_COUNT_LIMIT", "2").env("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "20");
    });
    assert_eq!(driven.tell("hostile 3"), "worked");
    driven.assert_flushed();
    let spans = driven.accepted_spans();
    let texts = spans.iter().find(|span| text(span, "a").is_some()).expect("it is there");
    assert_eq!(text(texts, "a").as_deref(), Some("xxxxxxxxxx"));
    let events = spans.iter().find(|span| !span.events.is_empty()).expect("it is there");
    assert_eq!((events.events.len(), events.dropped_events_count), (3, 197));
    let event = &events.events[0];
    assert_eq!((event.attributes.len(), event.dropped_attributes_count), (2, 2));
}

#[test]
fn what_a_limit_leaves_out_is_counted_once_however_often_the_span_is_sent() {
    let mut driven = Driven::start(Fault::Status(503, None), |command| {
        command.env("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "3");
    });
    driven.work(5);
    driven.server.wait_for(3);
    driven.server.become_(Fault::Healthy);
    driven.assert_flushed();
    let left_out: u64 = driven.accepted_spans().iter().map(|span| u64::from(span.dropped_attributes_count)).sum();
    assert!(left_out > 0);
    assert_eq!(driven.counts()["span_parts_dropped{part=attribute}"], left_out);
}

#[test]
fn a_span_that_alone_takes_a_quarter_of_the_memory_is_too_large() {
    let mut driven = Driven::start(Fault::Healthy, |command| {
        command.env("TTA_SPAN_QUEUE_BYTES", "20000");
    });
    assert_eq!(driven.tell("hostile 2"), "worked");
    driven.work(1);
    driven.assert_flushed();
    let counts = driven.counts();
    assert_eq!((counts["spans_dropped{reason=too_large}"], counts["spans_exported"]), (2, 1), "{counts:?}");
}

#[test]
fn a_fork_counts_its_spans_and_may_start_its_own_telemetry() {
    let mut driven = Driven::start(Fault::Healthy, |_| {});
    driven.work(10);
    driven.assert_flushed();
    assert_eq!(driven.tell("fork 5"), "flushed true");
    assert_eq!(driven.program.line(), "stopped in time true");
    let expected = [("spans_ended", 15), ("spans_exported", 10), ("spans_dropped{reason=forked}", 5)];
    assert_eq!(driven.read_counts(), counts(expected));
    assert_eq!(
        driven.program.line(),
        "ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true }"
    );
    driven.work(10);
    driven.assert_flushed();
    assert_eq!(driven.counts(), counts([("spans_ended", 20), ("spans_exported", 20)]), "the parent goes on");
    assert_eq!(driven.accepted().len(), 25);
    let said = driven.program.finish().stderr;
    assert_eq!(said.lines().filter(|line| line.contains("this process is a fork")).count(), 1, "{said}");
}

#[test]
fn a_dropped_handle_tells_what_it_abandons() {
    let mut driven = Driven::start(Fault::BlackHole, |command| {
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "30000");
    });
    driven.work(10);
    assert_eq!(driven.tell("drop"), "dropped");
    let said = driven.program.finish().stderr;
    // The exporter's own thread may still log that its last request failed.
    let expected = "WARN tta::telemetry: the telemetry was stopped before everything was exported abandoned_spans=10 metrics_sent=true budgets_settled=true";
    assert!(said.lines().any(|line| line.trim() == expected), "{said}");
}

#[test]
fn after_a_shutdown_the_telemetry_starts_again() {
    let mut driven = Driven::start(Fault::Healthy, |_| {});
    for round in 1..=3 {
        driven.work(10);
        let said = driven.tell("shutdown 20000");
        let expected = "ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true } ";
        assert!(said.starts_with(expected), "{said}");
        driven.work(5);
        assert_eq!(driven.accepted().len(), 10 * round);
        assert_eq!(driven.tell("start"), "started");
    }
}
