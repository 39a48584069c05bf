//! The ways in which a program ends, and what each of them loses, as docs/reliability.md says.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tests::faults::{Fault, FaultServer};

use crate::child::configured;

/// Ends a program that has ten spans to export, and returns how many arrived and how the process ended.
fn end(way: &str, signal: Option<&str>) -> (usize, String) {
    let server = FaultServer::start(Fault::Healthy);
    // A shell that starts the tests in the background lets them ignore SIGINT, and programs inherit that.
    let mut command = configured(Command::new("env"));
    command.args(["--default-signal=INT,TERM", env!("CARGO_BIN_EXE_subject"), "ends", way]);
    command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", server.endpoint()));
    // Nothing is exported before the end.
    command.env("OTEL_BSP_SCHEDULE_DELAY", "600000");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it runs");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut said).expect("it says so");
    assert_eq!(said, "worked\n");
    child.stdin.take().expect("it is piped").write_all(b"end\n").expect("it reads");
    if let Some(signal) = signal {
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }
    let status = child.wait().expect("it ends");
    let decode = |body: &[u8]| ExportTraceServiceRequest::decode(body).expect("it is a request");
    let scopes = |request: ExportTraceServiceRequest| {
        request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans).map(|scope| scope.spans.len())
    };
    let arrived = server.requests().iter().flat_map(|request| scopes(decode(&request.body))).sum();
    (arrived, status.to_string())
}

#[test]
fn each_way_to_end_loses_what_the_documentation_says() {
    for (way, signal, arrived, status) in [
        ("return", None, 10, "exit status: 0"),
        ("panic", None, 10, "exit status: 101"),
        ("exit", None, 0, "exit status: 0"),
        ("abort", None, 0, "signal: 6 (SIGABRT)"),
        ("leak", None, 0, "exit status: 0"),
        ("signal", Some("-TERM"), 0, "signal: 15 (SIGTERM)"),
        ("signal", Some("-INT"), 0, "signal: 2 (SIGINT)"),
        ("signal_helper", Some("-TERM"), 10, "signal: 15 (SIGTERM)"),
        ("signal_helper", Some("-INT"), 10, "signal: 2 (SIGINT)"),
    ] {
        let (found, ended) = end(way, signal);
        assert_eq!((found, ended.trim_end_matches(" (core dumped)")), (arrived, status), "{way} {signal:?}");
    }
}
