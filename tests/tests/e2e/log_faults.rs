//! Log records on their way to a collector that misbehaves: what is lost is counted as log records, and no span with it.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message;
use tests::faults::{Fault, FaultServer};

use crate::faults::{Driven, counts};

/// The model calls of each test: one span with one log record each.
const CALLS: u64 = 10;

/// Starts a program whose traces are accepted, and a collector of its log records that behaves like this.
fn start(fault: Fault) -> (Driven, FaultServer) {
    let logs = FaultServer::start(fault);
    let mut driven = Driven::start(Fault::Healthy, |command| {
        command.env("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", format!("{}/v1/logs", logs.endpoint()));
    });
    assert_eq!(driven.tell(&format!("judge {CALLS}")), "worked");
    (driven, logs)
}

/// Asserts that every span was exported, and that these log records were lost.
#[track_caller]
fn assert_lost(driven: &mut Driven, reason: &str, records: u64) {
    assert_eq!(driven.accepted().len() as u64, CALLS);
    assert_eq!(driven.counts(), counts([("spans_ended", CALLS), ("spans_exported", CALLS)]));
    driven.program.say("metrics tta_telemetry_log_records");
    let name = format!("log_records_dropped{{reason={reason}}}");
    assert_eq!(driven.read_counts(), counts([(name.as_str(), records)]));
}

#[test]
fn log_records_that_are_refused_cost_no_span() {
    let (mut driven, _logs) = start(Fault::Status(404, None));
    driven.assert_flushed();
    assert_lost(&mut driven, "non_retryable", CALLS);
    driven.program.say("metrics tta_telemetry_exports_total");
    let exports = driven.read_counts();
    let of: Vec<_> = exports.keys().map(String::as_str).collect();
    assert_eq!(of, ["exports{signal=logs,result=error}", "exports{signal=traces,result=ok}"]);
    assert_eq!(
        driven.program.finish().stderr.trim(),
        "WARN tta::telemetry: log record export failed; log records that cannot wait are dropped and counted until it \
         recovers error=\"the collector answered 404 Not Found\""
    );
}

#[test]
fn rejected_log_records_are_counted_by_the_answer_s_own_number() {
    let (mut driven, logs) = start(Fault::Partial(3));
    driven.assert_flushed();
    let requests = logs.requests();
    let rejected: u64 = requests.iter().map(|request| records(&request.body).min(3)).sum();
    assert!(rejected > 0, "{requests:?}");
    assert_lost(&mut driven, "rejected", rejected);
}

/// Returns the number of log records of a request.
fn records(body: &[u8]) -> u64 {
    let request = ExportLogsServiceRequest::decode(body).expect("it is a request with logs");
    let scopes = request.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
    scopes.map(|scope| scope.log_records.len() as u64).sum()
}

#[test]
fn log_records_that_wait_until_the_shutdown_are_no_abandoned_spans() {
    let (mut driven, _logs) = start(Fault::Refuse);
    let report = driven.tell("shutdown 1000");
    assert!(report.starts_with("ShutdownReport { abandoned_spans: 0, "), "{report}");
    assert_lost(&mut driven, "deadline", CALLS);
}

#[test]
fn spans_without_log_records_do_not_wait_for_a_collector_of_logs() {
    let (mut driven, logs) = start(Fault::Healthy);
    driven.assert_flushed();
    logs.become_(Fault::Refuse);
    driven.work(100);
    driven.assert_flushed();
    assert_eq!(driven.counts(), counts([("spans_ended", CALLS + 100), ("spans_exported", CALLS + 100)]));
}
