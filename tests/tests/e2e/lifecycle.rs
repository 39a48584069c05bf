//! Start and stop: which resources are opened, which configuration is refused with which message, and a second start.

use std::net::TcpListener;

use expect_test::{Expect, expect};

use crate::child::{run, subject};

#[track_caller]
fn check(command: &mut std::process::Command, expected: &Expect) {
    let said = run(command);
    assert_eq!(said.stderr, "");
    expected.assert_eq(&said.stdout);
}

#[test]
fn without_a_start_calls_work_and_count_and_nothing_is_opened() {
    check(
        &mut subject("uninitialized"),
        &expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="failure"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="panicked"} 0
        tta_primitive_active{primitive_type="tool",primitive_name="double"} 0
        threads: []
        sockets: 0
    "#]],
    );
}

#[test]
fn a_disabled_start_opens_and_counts_nothing() {
    let mut subject = subject("disabled");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env("TTA_CONSOLE_TRACES", "1");
    check(
        subject.env("OTEL_SDK_DISABLED", "true"),
        &expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="success"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="failure"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="panicked"} 0
        tta_primitive_active{primitive_type="tool",primitive_name="double"} 0
        threads: []
        sockets: 0
    "#]],
    );
}

#[test]
fn a_second_start_is_detached_and_counted_with_one_warning() {
    check(
        &mut subject("two_starts"),
        &expect![[r#"
        WARN tta::telemetry message=started already: this second start changes nothing
        first serves: true, second serves: false
        second abandoned 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="counted",action="call",status="success"} 1
        tta_telemetry_detached_total{what="init"} 1
    "#]],
    );
}

#[test]
fn a_name_that_the_program_has_registered_stays_the_program_s() {
    check(
        &mut subject("taken_name"),
        &expect![[r#"
        WARN tta::telemetry message=the program registered this name itself: left out there name="tta_connections_total"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="counted",action="call",status="success"} 1
        tta_telemetry_detached_total{what="init"} 0
        tta_telemetry_detached_total{what="tta_connections_total"} 1
        executions registered: true
        the program's own counter: 3
    "#]],
    );
}

#[test]
fn a_port_in_use_is_refused_and_a_later_start_works() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let said = run(subject("refused").env("TTA_METRICS_ADDR", &address));
    expect![[r#"
        error: cannot serve metrics on <address>: is another process there? choose another with `TTA_METRICS_ADDR` or `Builder::metrics_addr`
        caused by: Address already in use (os error 98)
        threads: [], sockets: 0
        then serves metrics: true
    "#]].assert_eq(&said.stdout.replace(&address, "<address>"));
}

#[test]
fn a_process_whose_port_is_taken_goes_on_with_one_warning() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let said = run(subject("without_metrics").env("TTA_METRICS_ADDR", &address));
    expect![[r#"
        WARN tta::telemetry message=another process uses the address for metrics: this one serves none address=<address>
        metrics: None, sockets: 0
    "#]]
    .assert_eq(&said.stdout.replace(&address, "<address>"));
}

#[test]
fn metrics_that_are_off_open_no_socket() {
    let said = run(subject("without_metrics").env("TTA_METRICS_ADDR", "off"));
    assert_eq!(said.stdout, "metrics: None, sockets: 0\n");
}

/// Starts with an invalid variable and a collector.
#[track_caller]
fn refuse(variable: &str, value: &str, expected: &Expect) {
    let mut subject = subject("refused");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    check(subject.env(variable, value), expected);
}

#[test]
fn an_address_that_is_none_is_refused_and_a_later_start_works() {
    refuse(
        "TTA_METRICS_ADDR",
        "9464",
        &expect![[r#"
            error: TTA_METRICS_ADDR=`9464` cannot be used; write an address and a port, such as `127.0.0.1:9464`, or `off`
            threads: [], sockets: 0
            then serves metrics: true
        "#]],
    );
}

#[test]
fn an_unknown_sampler_is_refused_and_a_later_start_works() {
    refuse(
        "OTEL_TRACES_SAMPLER",
        "sometimes",
        &expect![[r#"
        error: OTEL_TRACES_SAMPLER=`sometimes` cannot be used; write `always_on`, `always_off`, `traceidratio`, or one of these after `parentbased_`
        threads: [], sockets: 0
        then serves metrics: true
    "#]],
    );
}

#[test]
fn an_endpoint_that_is_none_is_refused_each_time() {
    refuse(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "no address",
        &expect![[r#"
            error: OTEL_EXPORTER_OTLP_ENDPOINT=`no address` cannot be used; write the address of a collector, such as `http://127.0.0.1:4318`
            threads: [], sockets: 0
            then: OTEL_EXPORTER_OTLP_ENDPOINT=`no address` cannot be used; write the address of a collector, such as `http://127.0.0.1:4318`
        "#]],
    );
}

#[test]
fn an_interval_that_is_none_is_refused_each_time() {
    refuse(
        "OTEL_METRIC_EXPORT_INTERVAL",
        "often",
        &expect![[r#"
        error: OTEL_METRIC_EXPORT_INTERVAL=`often` cannot be used; write a whole number of milliseconds above 0
        threads: [], sockets: 0
        then: OTEL_METRIC_EXPORT_INTERVAL=`often` cannot be used; write a whole number of milliseconds above 0
    "#]],
    );
}

#[test]
fn a_finished_trace_is_printed_as_a_tree() {
    let said = run(subject("console").env("TTA_CONSOLE_TRACES", "1"));
    assert_eq!(said.stdout, "");
    expect![[r#"
        trace <id>
        printed (primitive.workflow.execute)  <some> time  success  $0.000540
        ├─ failing (primitive.tool.call)  <some> time  failure  String
        ├─ working (primitive.tool.call)  <some> time  success
        ├─ ask (primitive.llm.chat)  <some> time  success  gpt-4o-mini  tokens=1200  $0.000270
        └─ inner (primitive.workflow.execute)  <some> time  success  $0.000270
           └─ ask (primitive.llm.chat)  <some> time  success  gpt-4o-mini  tokens=1200  $0.000270
        trace 00000000000000000000000000000007
        working (primitive.tool.call)  <some> time  success
        both traces are printed before the end
    "#]]
    .assert_eq(&without_trace(&without_durations(&said.stderr)));
}

/// Replaces the id of the first trace, which differs between runs.
fn without_trace(text: &str) -> String {
    let id = text.lines().next().and_then(|line| line.strip_prefix("trace ")).expect("the id comes first");
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    text.replace(id, "<id>")
}

/// Replaces durations, which differ between runs.
fn without_durations(tree: &str) -> String {
    let is_unit = |word: &str| ["ns", "µs", "ms", "s"].contains(&word);
    let mut out = String::new();
    for line in tree.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let kept = words.iter().enumerate().map(|(place, word)| {
            let is_number = word.parse::<f64>().is_ok() && words.get(place + 1).is_some_and(|next| is_unit(next));
            if is_number {
                "<some>"
            } else if is_unit(word) {
                "time"
            } else {
                word
            }
        });
        out.push_str(&kept.collect::<Vec<_>>().join(" "));
        out.push('\n');
    }
    out
}

#[test]
fn each_start_decides_anew_what_is_redacted_and_shown() {
    check(
        &mut subject("restarted"),
        &expect![[r#"
            start 1
            error.message: the password is ****
            own view: false
            registered: true, names taken: 0
            start 2
            error.message: the password is 1234
            own view: true
            registered: true, names taken: 0
        "#]],
    );
}

#[test]
fn calls_in_the_destructors_of_a_thread_are_counted() {
    let said = run(subject("thread_end").env("TTA_CONSOLE_TRACES", "1"));
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="in_destructor",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="below",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="before",action="call",status="success"} 1
    "#]].assert_eq(&said.stdout);
}
