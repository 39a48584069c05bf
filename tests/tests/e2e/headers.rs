//! Headers of requests to a collector, which often authenticate the program.

use std::collections::BTreeSet;

use crate::child::{run, subject};
use crate::receiver::Receiver;

#[test]
fn each_signal_sends_its_own_headers_or_else_the_common_ones() {
    let receiver = Receiver::start();
    let mut subject = subject("judged");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("OTEL_LOGS_EXPORTER", "otlp");
    subject.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20common%2Cb=, x-team = blue,");
    run(subject.env("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "Authorization=Bearer of metrics"));
    let received = receiver.received();
    let header = |headers: &http::HeaderMap, name| {
        headers.get(name).map(|value: &http::HeaderValue| value.to_str().expect("it is text").to_owned())
    };
    let sent = received.headers.iter().map(|(path, headers)| {
        let [authorization, team] = ["authorization", "x-team"].map(|name| header(headers, name));
        (path.as_str(), authorization, team)
    });
    let of =
        |path, authorization: &str, team: Option<&str>| (path, Some(authorization.to_owned()), team.map(str::to_owned));
    let expected = BTreeSet::from([
        of("/v1/logs", "Bearer common,b=", Some("blue")),
        of("/v1/metrics", "Bearer of metrics", None),
        of("/v1/traces", "Bearer common,b=", Some("blue")),
    ]);
    assert_eq!(sent.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_malformed_header_stops_the_start_and_is_not_shown() {
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Bearer s3cret"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=blue,s3cret"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "Authorization: Bearer s3cret=="),
    ] {
        let mut subject = subject("refused");
        subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        let said = run(subject.env(variable, value)).stdout;
        let expected = format!(
            "error: {variable}=`***` cannot be used; write `name=value` pairs with commas between them and percent-encoded \
             values, such as `authorization=Bearer%20…,x-team=blue`\n"
        );
        assert!(said.starts_with(&expected), "{said}");
    }
}
