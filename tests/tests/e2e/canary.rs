//! Secrets stay in the program: canary strings are searched in the bytes of every output channel.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use tta_runtime::llm;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use crate::child::{Running, subject};
use crate::metrics::scrape;
use crate::receiver::Receiver;

/// The canaries: data that the program holds and the telemetry must not export by default.
const CANARIES: &[&str] = &[
    "canary-argument",
    "canary-prompt",
    "canary-instruction",
    "canary-answer",
    "canary-tool-argument",
    "canary-tool-result",
    "canary-document",
    "canary-header",
    "canary-baggage",
    "canary-environment",
    "canary-error",
    "canary-beyond",
    "canary-panic",
];

/// Returns the canaries that were found in each output channel.
fn found(arguments: &[&str], variables: &[(&str, &str)]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let receiver = Receiver::start();
    let mut command = subject("canary");
    command.args(arguments).envs(variables.iter().copied()).env("CANARY", "canary-environment");
    command.env("TTA_CONSOLE_TRACES", "1").env("TTA_METRICS_VIEW", "tta,otel");
    let mut program = Running::start(command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let address: SocketAddr = program.line().parse().expect("it says its address");
    let stats = program.line();
    assert_eq!(program.line(), "done");
    let text = scrape(address, "text/plain").1;
    let openmetrics = scrape(address, "application/openmetrics-text;version=1.0.0").1;
    let said = program.finish();
    let sent = |path: &str| -> Vec<u8> {
        let received = receiver.received();
        received.bodies.iter().filter(|(to, _)| to == path).flat_map(|(_, body)| body.to_vec()).collect()
    };
    // Every output channel must carry something, or the test would prove nothing.
    assert!(stats.contains("converse") && text.contains("converse") && openmetrics.contains("converse"), "{text}");
    assert!(said.stderr.contains("primitive.workflow.execute"), "{}", said.stderr);
    let ways = [
        ("standard error", said.stderr.into_bytes()),
        ("standard output", said.stdout.into_bytes()),
        ("stats", stats.into_bytes()),
        ("text", text.into_bytes()),
        ("openmetrics", openmetrics.into_bytes()),
        ("traces", sent("/v1/traces")),
        ("metrics", sent("/v1/metrics")),
    ];
    assert!(ways.iter().filter(|(way, _)| ["traces", "metrics"].contains(way)).all(|(_, bytes)| bytes.len() > 500));
    let has = |bytes: &[u8], canary: &str| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    let search =
        |bytes: Vec<u8>| -> BTreeSet<_> { CANARIES.iter().copied().filter(|canary| has(&bytes, canary)).collect() };
    let all = ways.into_iter().map(|(way, bytes)| (way, search(bytes)));
    all.filter(|(_, found)| !found.is_empty()).collect()
}

const CAPTURE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

#[test]
fn by_default_nothing_leaves_but_the_beginning_of_an_error_s_message_on_its_span() {
    assert_eq!(found(&[], &[]), BTreeMap::from([("traces", BTreeSet::from(["canary-error"]))]));
}

#[test]
fn content_that_was_asked_for_is_on_spans_and_nowhere_else() {
    let expected = BTreeSet::from([
        "canary-prompt",
        "canary-instruction",
        "canary-answer",
        "canary-tool-argument",
        "canary-tool-result",
        "canary-document",
        "canary-error",
    ]);
    for value in ["span_only", "event_only", "span_and_event", "true"] {
        assert_eq!(found(&[], &[(CAPTURE, value)]), BTreeMap::from([("traces", expected.clone())]), "{value}");
    }
    assert_eq!(found(&[], &[(CAPTURE, "no_content")]), found(&[], &[]));
}

#[test]
fn what_the_redaction_takes_out_is_nowhere() {
    assert_eq!(found(&["redacted"], &[(CAPTURE, "span_and_event")]), BTreeMap::new());
}

#[primitive(type = "tool")]
fn look_up(long: &str) {
    llm::content(|content| {
        content
            .system_instructions("be brief, secret")
            .input_messages(&serde_json::json!([{"role": "user", "parts": [{"type": "text", "content": "a secret"}]}]))
            .output_messages("no secret")
            .tool_arguments(&serde_json::json!({"card": 4111, "depth": 3, "of": ["secret", null]}))
            .tool_result(long)
            .retrieval_documents(&serde_json::json!([{"id": "doc-7", "score": 0.5, "title": "secret"}]));
    });
}

#[test]
fn content_has_the_conventions_form_and_is_redacted_and_cut_at_a_character() {
    let recording = Recording::new().with_content(|text| text.replace("secret", "…").replace("4111", "…"));
    // One byte, then characters of two bytes, so that a cut may fall inside a character.
    let long = format!("x{}", "é".repeat(50_000));
    recording.run(|| look_up(&long));
    let spans = recording.spans();
    let told = |key: &str| {
        let found = spans[0].attributes.iter().find(|told| told.key.as_str() == key);
        found.unwrap_or_else(|| panic!("no {key}")).value.to_string()
    };
    // The order of keys is that of `serde_json`, which another package of the build may change.
    let object = |key: &str| serde_json::from_str::<serde_json::Value>(&told(key)).expect("it is JSON");
    let text = |text: &str| serde_json::json!({"type": "text", "content": text});
    assert_eq!(object("gen_ai.system_instructions"), serde_json::json!([text("be brief, …")]));
    assert_eq!(object("gen_ai.input.messages"), serde_json::json!([{"role": "user", "parts": [text("a …")]}]));
    assert_eq!(object("gen_ai.output.messages"), serde_json::json!([{"role": "assistant", "parts": [text("no …")]}]));
    assert_eq!(object("gen_ai.tool.call.arguments"), serde_json::json!({"card": "…", "depth": 3, "of": ["…", null]}));
    let document = serde_json::json!({"id": "doc-7", "score": 0.5, "title": "…"});
    assert_eq!(object("gen_ai.retrieval.documents"), serde_json::json!([document]));
    let result = told("gen_ai.tool.call.result");
    let (start, rest) = result.split_once('…').expect("the middle is left out");
    let (left_out, end) = rest.split_once('…').expect("it says how much");
    let left_out: usize = left_out.trim().trim_end_matches(" bytes left out").parse().expect("a number of bytes");
    assert_eq!(start.len() + left_out + end.len(), long.len());
    assert!(start.starts_with("xéé") && end.ends_with("éé") && (65_000..=65_536).contains(&result.len()));
}

#[test]
fn content_is_not_even_made_where_nobody_asked_for_it() {
    #[primitive(type = "tool")]
    fn quiet(ran: &Cell<bool>) -> bool {
        llm::content(|content| {
            ran.set(true);
            content.tool_result("nothing");
        })
    }
    let ran = Cell::new(false);
    assert!(!Recording::new().run(|| quiet(&ran)));
    assert!(!ran.get());
    assert!(Recording::new().with_content(str::to_owned).run(|| quiet(&ran)));
    assert!(ran.get());
}
