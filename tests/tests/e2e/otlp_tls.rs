//! Traces and metrics to a collector that demands a client's certificate.

use std::process::Command;

use expect_test::expect;

use crate::authority::Authority;
use crate::child::{Running, run, subject};
use crate::receiver::Receiver;

/// Returns an authority with the certificates `client` and `other`, and a collector that demands one of them.
fn start(name: &str) -> (Authority, Receiver) {
    let authority = Authority::new(name);
    for subject in ["client", "other"] {
        authority.issue(subject);
    }
    let receiver = Receiver::demanding_certificates_of(&authority);
    (authority, receiver)
}

/// Returns a command that sends to the collector, with variables whose values are files of the authority.
fn command(scenario: &str, receiver: &Receiver, authority: &Authority, files: &[(&str, &str)]) -> Command {
    let mut command = subject(scenario);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    for (variable, file) in files {
        command.env(format!("OTEL_EXPORTER_OTLP_{variable}"), authority.file(file));
    }
    command
}

/// Records three spans, and returns how many spans the collector has got, and whether it has got metrics.
fn check(receiver: &Receiver, authority: &Authority, files: &[(&str, &str)]) -> (usize, bool) {
    let mut program = Running::start(&mut command("driven", receiver, authority, files));
    for said in ["work 3", "shutdown 3000"] {
        program.say(said);
        program.line();
    }
    program.finish();
    let received = receiver.received();
    (received.spans.len(), !received.metrics.is_empty())
}

#[test]
fn a_collector_that_demands_a_client_certificate_gets_it() {
    let (authority, receiver) = start("collector");
    let files = [("CERTIFICATE", "ca.pem"), ("CLIENT_CERTIFICATE", "client.pem"), ("CLIENT_KEY", "client.key")];
    assert_eq!(check(&receiver, &authority, &files), (3, true));
}

#[test]
fn a_client_without_a_certificate_or_without_trust_sends_nothing() {
    let (authority, receiver) = start("anonymous");
    assert_eq!(check(&receiver, &authority, &[("CERTIFICATE", "ca.pem")]), (0, false));
    let untrusting = [("CLIENT_CERTIFICATE", "client.pem"), ("CLIENT_KEY", "client.key")];
    assert_eq!(check(&receiver, &authority, &untrusting), (0, false));
}

#[test]
fn the_variables_of_a_signal_win_over_the_common_ones() {
    let (authority, receiver) = start("signals");
    let stranger = Authority::new("unknown");
    stranger.issue("client");
    authority.write("strange.pem", &stranger.read("client.pem"));
    authority.write("strange.key", &stranger.read("client.key"));
    let files = [
        ("CERTIFICATE", "ca.pem"),
        ("CLIENT_CERTIFICATE", "strange.pem"),
        ("CLIENT_KEY", "strange.key"),
        ("TRACES_CLIENT_CERTIFICATE", "client.pem"),
        ("TRACES_CLIENT_KEY", "client.key"),
    ];
    assert_eq!(check(&receiver, &authority, &files), (3, false));
    let (authority, receiver) = start("signals-reversed");
    let files = [
        ("METRICS_CERTIFICATE", "ca.pem"),
        ("METRICS_CLIENT_CERTIFICATE", "client.pem"),
        ("METRICS_CLIENT_KEY", "client.key"),
    ];
    assert_eq!(check(&receiver, &authority, &files), (0, true));
}

#[test]
fn files_that_cannot_be_used_refuse_the_start_and_are_named() {
    let (authority, receiver) = start("unusable-client");
    let refused = |files: &[(&str, &str)]| {
        let printed = run(&mut command("refused", &receiver, &authority, files)).stdout;
        let line = printed.lines().next().unwrap_or_default().to_owned();
        line.replace(&authority.file(""), "")
    };
    let errors = [
        refused(&[("CERTIFICATE", "none.pem")]),
        refused(&[("CERTIFICATE", "client.key")]),
        refused(&[("CLIENT_CERTIFICATE", "client.pem")]),
        refused(&[("TRACES_CLIENT_KEY", "client.key")]),
        refused(&[("CLIENT_CERTIFICATE", "client.pem"), ("CLIENT_KEY", "other.key")]),
        refused(&[("METRICS_CLIENT_CERTIFICATE", "client.pem"), ("METRICS_CLIENT_KEY", "client.pem")]),
    ];
    expect![[r#"
        error: cannot read `none.pem`: No such file or directory (os error 2)
        error: cannot use `client.key`: it has no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`
        error: OTEL_EXPORTER_OTLP_CLIENT_KEY=`` cannot be used; write the path of the certificate's private key in PEM
        error: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=`` cannot be used; write the path of the private key's certificate in PEM
        error: the private key in `other.key` does not belong to the first certificate in `client.pem`
        error: cannot use `client.pem`: it has no private key in PEM, such as one after `-----BEGIN PRIVATE KEY-----`; decrypt an encrypted key"#]].assert_eq(&errors.join("\n"));
}
