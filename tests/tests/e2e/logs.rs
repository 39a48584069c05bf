//! Events of generative AI as OTLP log records.

use std::fmt::Write;

use expect_test::{Expect, expect};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

use crate::child::{run, subject};
use crate::receiver::Receiver;

/// Runs the program with these variables, and checks the log records, which belong to its span and happened during it.
#[track_caller]
fn check(variables: &[(&str, &str)], expected: &Expect) {
    let receiver = Receiver::start();
    let mut subject = subject("judged");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).envs(variables.iter().copied());
    run(&mut subject);
    let received = receiver.received();
    let [span] = &received.spans[..] else { panic!("one span: {:?}", received.spans) };
    let mut text = String::new();
    for record in &received.logs {
        assert_eq!((&record.trace_id, &record.span_id, record.flags), (&span.trace_id, &span.span_id, 1));
        assert!((span.start_time_unix_nano..=span.end_time_unix_nano).contains(&record.time_unix_nano));
        assert_eq!(record.observed_time_unix_nano, record.time_unix_nano);
        writeln!(text, "{} {} {}", record.event_name, record.severity_text, record.severity_number)
            .expect("a string grows");
        let mut lines: Vec<_> =
            record.attributes.iter().map(|kv| format!("  {} = {}\n", kv.key, told(kv.value.as_ref()))).collect();
        lines.sort();
        text += &lines.concat();
    }
    expected.assert_eq(&text);
}

/// Returns a value as JSON would write it.
fn told(value: Option<&AnyValue>) -> String {
    let all = |items: Vec<String>| items.join(", ");
    match value.and_then(|value| value.value.as_ref()) {
        None => "null".to_owned(),
        Some(Value::StringValue(text)) => format!("{text:?}"),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => format!("{number:?}"),
        Some(Value::ArrayValue(list)) => {
            format!("[{}]", all(list.values.iter().map(|item| told(Some(item))).collect()))
        }
        Some(Value::KvlistValue(list)) => {
            let field = |KeyValue { key, value, .. }: &KeyValue| format!("{key:?}: {}", told(value.as_ref()));
            format!("{{{}}}", all(list.values.iter().map(field).collect()))
        }
        Some(other) => panic!("no attribute of ours is {other:?}"),
    }
}

const CAPTURE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

#[test]
fn content_and_evaluations_are_log_records_where_they_are_wanted() {
    let with_content = expect![[r#"
        gen_ai.client.inference.operation.details INFO 9
          gen_ai.input.messages = [{"parts": [{"content": "Where does it rain?", "type": "text"}], "role": "user"}]
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini"
          gen_ai.response.id = "response-1"
          gen_ai.retrieval.documents = [{"id": "doc-7", "score": 0.92}]
          gen_ai.tool.call.result = {"celsius": 7, "clouds": null, "of": ["rain"], "wet": true, "wind": 2.5}
          gen_ai.usage.cost = 3.6e-6
          gen_ai.usage.input_tokens = 12
          gen_ai.usage.output_tokens = 3
        gen_ai.evaluation.result INFO 9
          gen_ai.evaluation.name = "brevity"
          gen_ai.evaluation.score.label = "pass"
          gen_ai.evaluation.score.value = 0.75
    "#]];
    check(&[("OTEL_LOGS_EXPORTER", "otlp"), (CAPTURE, "event_only")], &with_content);
    check(&[("OTEL_LOGS_EXPORTER", "otlp"), (CAPTURE, "span_and_event")], &with_content);
    check(
        &[("OTEL_LOGS_EXPORTER", "otlp"), (CAPTURE, "span_only")],
        &expect![[r#"
        gen_ai.evaluation.result INFO 9
          gen_ai.evaluation.name = "brevity"
          gen_ai.evaluation.score.label = "pass"
          gen_ai.evaluation.score.value = 0.75
    "#]],
    );
    check(&[(CAPTURE, "event_only")], &expect![[""]]);
    check(&[("OTEL_LOGS_EXPORTER", "none"), (CAPTURE, "event_only")], &expect![[""]]);
}

#[test]
fn the_endpoint_of_logs_alone_chooses_them() {
    let receiver = Receiver::start();
    let mut subject = subject("judged");
    subject.env("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", format!("{}/v1/logs", receiver.endpoint()));
    run(&mut subject);
    let received = receiver.received();
    let names: Vec<_> = received.logs.iter().map(|record| record.event_name.as_str()).collect();
    assert_eq!((names, received.spans.len()), (vec!["gen_ai.evaluation.result"], 0));
}
