//! One workflow is one trace: every span arrives at a collector, under the right parent, with all its attributes.

use std::collections::BTreeSet;
use std::process::Command;

use expect_test::{Expect, ExpectFile, expect, expect_file};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;

use crate::child::{Finished, Running, run, subject};
use crate::receiver::Receiver;
use crate::trace_text::{names, statuses, whole};

/// Runs a scenario that exports to a collector, and returns its output and the spans that arrived.
fn exported(command: &mut Command) -> (Finished, Vec<Span>) {
    let receiver = Receiver::start();
    let finished = run(command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    assert_eq!(finished.stderr, "");
    let spans = std::mem::take(&mut receiver.received().spans);
    (finished, spans)
}

#[track_caller]
fn check(scenario: &str, show: fn(&[Span]) -> String, expected: &Expect) {
    let (_, spans) = exported(&mut subject(scenario));
    expected.assert_eq(&show(&spans));
}

#[track_caller]
fn check_file(scenario: &str, show: fn(&[Span]) -> String, expected: &ExpectFile) {
    let (_, spans) = exported(&mut subject(scenario));
    expected.assert_eq(&show(&spans));
}

#[test]
fn a_span_says_all_that_is_known() {
    check_file("nested", whole, &expect_file!["nested.txt"]);
}

#[test]
fn parents_are_right_across_tasks_threads_and_futures_side_by_side() {
    check(
        "across_tasks",
        names,
        &expect![[r#"
        trace
          spread [primitive.workflow.execute]
            in_task [primitive.tool.call]
              leaf [primitive.processor.transform]
            on_thread [primitive.tool.call]
              leaf [primitive.processor.transform]
            left [primitive.tool.call]
              leaf [primitive.processor.transform]
            right [primitive.tool.call]
              leaf [primitive.processor.transform]
            branches [primitive.parallel.execute]
              branches [primitive.parallel.branch_0]
                branch [primitive.tool.call]
              branches [primitive.parallel.branch_1]
                branch [primitive.tool.call]
            kept [primitive.cache.lookup]
            kept [primitive.cache.execute]
              branch [primitive.tool.call]
            kept [primitive.cache.lookup]
    "#]],
    );
}

#[test]
fn the_environment_leaves_wrappers_out() {
    let (_, spans) = exported(subject("across_tasks").env("TTA_SPAN_DETAIL", "low"));
    expect![[r#"
        trace
          spread [primitive.workflow.execute]
            in_task [primitive.tool.call]
              leaf [primitive.processor.transform]
            on_thread [primitive.tool.call]
              leaf [primitive.processor.transform]
            left [primitive.tool.call]
              leaf [primitive.processor.transform]
            right [primitive.tool.call]
              leaf [primitive.processor.transform]
            branches [primitive.parallel.execute]
              branch [primitive.tool.call]
              branch [primitive.tool.call]
            kept [primitive.cache.lookup]
            branch [primitive.tool.call]
            kept [primitive.cache.lookup]
    "#]]
    .assert_eq(&names(&spans));
}

#[test]
fn spans_and_events_of_other_libraries_are_in_the_trace() {
    check_file("foreign", whole, &expect_file!["foreign.txt"]);
}

#[test]
fn an_error_is_described_where_it_arose_and_marks_all_that_it_ends() {
    check(
        "errors",
        statuses,
        &expect![[r#"
            trace
              answer [primitive.workflow.execute]
                  STATUS_CODE_ERROR cannot answer
                plan [primitive.agent.plan]
                    STATUS_CODE_ERROR no such document: *** plans
                  search [primitive.retrieval.search]
                      STATUS_CODE_ERROR no such document: *** plans
                      event exception
                        exception.type: string true
                        exception.message: string no such document: *** plans
            trace
              wait_in_vain [primitive.tool.call]
                  STATUS_CODE_ERROR too slow
                  event exception
                    exception.type: string Failure
                    exception.message: string too slow
            trace
              judge [primitive.validator.check]
                  STATUS_CODE_ERROR
                  event exception
                    exception.type: string not_ok
            trace
              panic_through [primitive.workflow.execute]
                  STATUS_CODE_ERROR
                panic_below [primitive.tool.call]
                    STATUS_CODE_ERROR
                    event exception
                      exception.type: string panic
            trace
              give_up [primitive.tool.call]
                  STATUS_CODE_ERROR
            trace
              recover [primitive.workflow.execute]
                  STATUS_CODE_UNSET
                search [primitive.retrieval.search]
                    STATUS_CODE_ERROR no such document: a
                    event exception
                      exception.type: string true
                      exception.message: string no such document: a
            trace
              search [primitive.retrieval.search]
                  STATUS_CODE_ERROR (the redaction panicked)
                  event exception
                    exception.type: string true
                    exception.message: string (the redaction panicked)
        "#]],
    );
}

#[test]
fn a_trace_goes_on_in_another_process() {
    let receiver = Receiver::start();
    let mut server = Running::start(subject("hop_server").env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let address = server.line();
    let client = run(subject("hop_client").arg(address).env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let server = server.finish();
    assert_eq!((client.stdout.as_str(), client.stderr.as_str(), server.stderr.as_str()), ("blue /question\n", "", ""));
    expect![[r#"
        trace
          request [primitive.tool.call]
            handle [primitive.workflow.execute]
    "#]]
    .assert_eq(&names(&receiver.received().spans));
}

#[test]
fn a_trace_that_is_not_sampled_sends_nothing_and_says_so_to_others() {
    let (finished, spans) = exported(subject("sampled").env("OTEL_TRACES_SAMPLER", "always_off"));
    assert_eq!(finished.stdout, "no parent: 00\nsampled parent: 00\nunsampled parent: 00\n");
    assert_eq!(spans, []);
}

#[test]
fn an_unsampled_parent_keeps_its_children_unsampled() {
    let (finished, spans) = exported(&mut subject("sampled"));
    assert_eq!(finished.stdout, "no parent: 01\nsampled parent: 01\nunsampled parent: 00\n");
    expect![[r#"
        trace
          outer [primitive.workflow.execute]
            inner [primitive.tool.call]
        trace 4bf92f3577b34da6a3ce929d0e0e4736 below 00f067aa0ba902b7
          outer [primitive.workflow.execute]
            inner [primitive.tool.call]
    "#]]
    .assert_eq(&names(&spans));
}

#[test]
fn the_parts_of_a_block_say_what_they_do() {
    check_file("blocks", whole_of_parts, &expect_file!["blocks.txt"]);
}

/// Shows the spans of blocks in full, and only the status of the spans below them.
fn whole_of_parts(spans: &[Span]) -> String {
    let is_call = |span: &Span| span.attributes.iter().any(|attribute| attribute.key == "code.function.name");
    let spans: Vec<_> = spans
        .iter()
        .cloned()
        .map(|mut span| {
            if is_call(&span) {
                span.attributes.retain(|attribute| attribute.key == "primitive.name");
            }
            span
        })
        .collect();
    whole(&spans)
}

#[test]
fn traces_and_metrics_come_from_the_process_that_was_named() {
    let receiver = Receiver::start();
    let mut subject = subject("sampled");
    let given = "deployment.environment.name=test,service.name=another,service.version=1.2.3,host.name=build-7";
    subject.env("OTEL_RESOURCE_ATTRIBUTES", given);
    run(subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let arrived = receiver.received();
    let attribute = |attribute: &KeyValue| {
        let value = match (attribute.key.as_str(), attribute.value.clone().and_then(|value| value.value)) {
            ("service.instance.id", Some(Value::StringValue(id))) => format!("a text of {} characters", id.len()),
            ("process.pid", Some(Value::IntValue(1..))) => "a number".to_owned(),
            ("telemetry.distro.version", Some(Value::StringValue(version))) if version == env!("CARGO_PKG_VERSION") => {
                "that of this package".to_owned()
            }
            (_, value) => format!("{value:?}"),
        };
        format!("{}: {value}", attribute.key)
    };
    // One request has spans, one has the metrics.
    let mut resources: Vec<_> = arrived.resources.clone();
    for resource in &mut resources {
        resource.sort_by(|one, other| one.key.cmp(&other.key));
    }
    let [traces, metrics] = &resources[..] else { panic!("{resources:#?}") };
    assert_eq!(traces, metrics);
    assert_eq!(arrived.schemas, BTreeSet::from(["https://opentelemetry.io/schemas/1.44.0".to_owned()]));
    let resource: Vec<_> = traces.iter().map(attribute).collect();
    expect![[r#"
        [
            "deployment.environment.name: Some(StringValue(\"test\"))",
            "host.name: Some(StringValue(\"build-7\"))",
            "process.pid: a number",
            "service.instance.id: a text of 36 characters",
            "service.name: Some(StringValue(\"subject\"))",
            "service.version: Some(StringValue(\"1.2.3\"))",
            "telemetry.distro.name: Some(StringValue(\"tta\"))",
            "telemetry.distro.version: that of this package",
            "telemetry.sdk.language: Some(StringValue(\"rust\"))",
            "telemetry.sdk.name: Some(StringValue(\"opentelemetry\"))",
            "telemetry.sdk.version: Some(StringValue(\"0.33.1\"))",
        ]
    "#]]
    .assert_debug_eq(&resource);
}
