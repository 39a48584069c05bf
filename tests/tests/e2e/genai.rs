//! Span attributes under the names of OpenTelemetry's conventions for generative AI.

use std::fmt::Write;
use std::time::Duration;

use expect_test::{Expect, expect};
use futures_executor::block_on;
use futures_util::stream::{self, Stream, StreamExt};
use opentelemetry::{Array, StringValue, Value};
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::llm::{self, Evaluation, Usage};
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive};

use crate::child::{run, subject};
use crate::receiver::Receiver;

/// Returns the kind and the attributes of each span, except code location and timing.
fn told(spans: &[SpanData]) -> String {
    let mut text = String::new();
    for span in spans {
        writeln!(text, "{} {:?}", span.name, span.span_kind).expect("a string grows");
        let own = ["gen_ai.", "llm.", "server.", "error.", "session."];
        let mut lines: Vec<_> = span
            .attributes
            .iter()
            .filter(|attribute| own.iter().any(|prefix| attribute.key.as_str().starts_with(prefix)))
            .map(|attribute| format!("  {} = {}\n", attribute.key, typed(&attribute.value)))
            .collect();
        lines.sort();
        text += &lines.concat();
    }
    text
}

/// Returns a value with its type, however its texts are stored.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => format!("String({:?})", text.as_str()),
        Value::Array(Array::String(texts)) => {
            format!("Array(String({:?}))", texts.iter().map(StringValue::as_str).collect::<Vec<_>>())
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(body: impl FnOnce(&Recording), expected: &Expect) {
    let recording = Recording::new();
    recording.run(|| WorkflowContext::current().with_session_id("thread-7").run(|| body(&recording)));
    expected.assert_eq(&told(&recording.spans()));
}

#[primitive(type = "llm", action = "generate", provider = "bedrock", model = "amazon.nova-lite-v1:0", tier = "batch",
            attributes("server.address" = host, "server.port" = 8443))]
fn generate(host: &str) -> Result<Usage, String> {
    let usage = Usage::new(100, 20)
        .with_cached_input_tokens(40)
        .with_cache_write_5m_tokens(10)
        .with_reasoning_tokens(5)
        .with_response_model("amazon.nova-lite-v1:0-2")
        .with_response_id("response-1")
        .with_finish_reasons(["stop", "length"]);
    if host == "nobody.example" { Err("nobody there".into()) } else { Ok(usage) }
}

#[test]
fn a_model_call_says_all_that_its_response_said() {
    check(
        |_| drop(generate("bedrock.example")),
        &expect![[r#"
        primitive.llm.generate Client
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("generate_content")
          gen_ai.provider.name = String("aws.bedrock")
          gen_ai.request.model = String("amazon.nova-lite-v1:0")
          gen_ai.response.finish_reasons = Array(String(["stop", "length"]))
          gen_ai.response.id = String("response-1")
          gen_ai.response.model = String("amazon.nova-lite-v1:0-2")
          gen_ai.usage.cache_read.input_tokens = I64(40)
          gen_ai.usage.cache_write.input_tokens = I64(10)
          gen_ai.usage.cost = F64(9e-6)
          gen_ai.usage.input_tokens = I64(100)
          gen_ai.usage.output_tokens = I64(20)
          gen_ai.usage.reasoning.output_tokens = I64(5)
          llm.completion_tokens = I64(20)
          llm.cost.basis = String("priced")
          llm.cost_usd = F64(9e-6)
          llm.model_name = String("amazon.nova-lite-v1:0")
          llm.model_tier = String("batch")
          llm.prompt_tokens = I64(100)
          llm.provider = String("bedrock")
          llm.streaming = Bool(false)
          llm.total_tokens = I64(120)
          server.address = String("bedrock.example")
          server.port = I64(8443)
          session.id = String("thread-7")
    "#]],
    );
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-audio-preview", attributes(
    "gen_ai.conversation.id" = "thread-8"
))]
fn listen() -> Usage {
    Usage::new(1_000, 300)
        .with_cached_input_tokens(100)
        .with_audio_input_tokens(400)
        .with_cached_audio_tokens(60)
        .with_audio_output_tokens(200)
        .with_image_input_tokens(50)
}

#[test]
fn tokens_of_sound_and_images_are_parts_of_all_and_a_conversation_of_the_call_is_kept() {
    check(
        |_| drop(listen()),
        &expect![[r#"
        primitive.llm.chat Client
          gen_ai.conversation.id = String("thread-8")
          gen_ai.operation.name = String("chat")
          gen_ai.provider.name = String("openai")
          gen_ai.request.model = String("gpt-4o-audio-preview")
          gen_ai.usage.audio.cache_read.input_tokens = I64(60)
          gen_ai.usage.audio.input_tokens = I64(460)
          gen_ai.usage.audio.output_tokens = I64(200)
          gen_ai.usage.cache_read.input_tokens = I64(100)
          gen_ai.usage.cost = F64(0.0055)
          gen_ai.usage.image.input_tokens = I64(50)
          gen_ai.usage.input_tokens = I64(1000)
          gen_ai.usage.output_tokens = I64(300)
          llm.completion_tokens = I64(300)
          llm.cost.basis = String("partly_priced_modality")
          llm.cost_usd = F64(0.0055)
          llm.model_name = String("gpt-4o-audio-preview")
          llm.prompt_tokens = I64(1000)
          llm.provider = String("openai")
          llm.streaming = Bool(false)
          llm.total_tokens = I64(1300)
          session.id = String("thread-7")
    "#]],
    );
}

#[test]
fn a_model_call_that_failed_says_what_was_asked_and_why_it_failed() {
    check(
        |_| drop(generate("nobody.example")),
        &expect![[r#"
        primitive.llm.generate Client
          error.message = String("nobody there")
          error.type = String("String")
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("generate_content")
          gen_ai.provider.name = String("aws.bedrock")
          gen_ai.request.model = String("amazon.nova-lite-v1:0")
          llm.cost.basis = String("no_usage")
          llm.model_name = String("amazon.nova-lite-v1:0")
          llm.model_tier = String("batch")
          llm.provider = String("bedrock")
          llm.streaming = Bool(false)
          server.address = String("nobody.example")
          server.port = I64(8443)
          session.id = String("thread-7")
    "#]],
    );
}

#[primitive(type = "llm", action = "chat", provider = "mistral", model = "mistral-large-latest", usage = none)]
fn speak(recording: &Recording) -> impl Stream<Item = u8> {
    stream::iter(0..3).map(|item| {
        recording.advance(Duration::from_millis(250));
        item
    })
}

#[test]
fn a_stream_says_that_it_is_one_and_when_its_first_item_came() {
    check(
        |recording| assert_eq!(block_on(speak(recording).count()), 3),
        &expect![[r#"
        primitive.llm.chat Client
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("chat")
          gen_ai.provider.name = String("mistral_ai")
          gen_ai.request.model = String("mistral-large-latest")
          gen_ai.request.stream = Bool(true)
          gen_ai.response.time_to_first_chunk = F64(0.25)
          llm.cost.basis = String("no_usage")
          llm.model_name = String("mistral-large-latest")
          llm.provider = String("mistral")
          llm.streaming = Bool(true)
          session.id = String("thread-7")
    "#]],
    );
}

#[test]
fn spans_have_the_names_and_kinds_that_the_environment_wants() {
    let receiver = Receiver::start();
    let mut subject = subject("nested");
    subject.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", receiver.endpoint()));
    subject.env("TTA_SPAN_NAMES", "conventions").env("TTA_COMPATIBILITY", "openinference,mlflow");
    run(&mut subject);
    let mut text = String::new();
    for span in &receiver.received().spans {
        let kind = |key: &str| {
            let found = span.attributes.iter().find(|attribute| attribute.key == key).expect("it has a kind");
            match found.value.clone().and_then(|value| value.value) {
                Some(any_value::Value::StringValue(kind)) => kind,
                other => panic!("a kind is text, not {other:?}"),
            }
        };
        let kinds = ["openinference.span.kind", "mlflow.spanType"].map(kind);
        writeln!(text, "{}: {}", span.name, kinds.join(", ")).expect("a string grows");
    }
    expect![[r#"
        retrieval: RETRIEVER, RETRIEVER
        chat gpt-4o-mini: LLM, CHAT_MODEL
        plan writer: AGENT, AGENT
        invoke_workflow answer: CHAIN, CHAIN
    "#]]
    .assert_eq(&text);
}

struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("it does not serialise")
    }
}

#[primitive(
    type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = none, request = body,
    attributes("gen_ai.request.seed" = 8)
)]
fn asked_for(body: &(impl serde::Serialize + Sync)) {
    let _ = body;
}

#[test]
fn a_request_is_read_before_the_call() {
    let body = serde_json::json!({
        "model": "gpt-4o", "stream": true, "temperature": 0.2, "seed": 7, "response_format": {"type": "json_object"},
        "messages": [{"role": "user", "content": "x"}],
    });
    check(
        |_| {
            asked_for(&body);
            asked_for(&Broken);
        },
        &expect![[r#"
            primitive.llm.stream Client
              gen_ai.conversation.id = String("thread-7")
              gen_ai.operation.name = String("chat")
              gen_ai.output.type = String("json")
              gen_ai.provider.name = String("openai")
              gen_ai.request.model = String("gpt-4o-mini")
              gen_ai.request.seed = I64(8)
              gen_ai.request.stream = Bool(true)
              gen_ai.request.temperature = F64(0.2)
              llm.cost.basis = String("no_usage")
              llm.model_name = String("gpt-4o-mini")
              llm.provider = String("openai")
              llm.streaming = Bool(true)
              session.id = String("thread-7")
            primitive.llm.stream Client
              gen_ai.conversation.id = String("thread-7")
              gen_ai.operation.name = String("chat")
              gen_ai.provider.name = String("openai")
              gen_ai.request.model = String("gpt-4o-mini")
              gen_ai.request.seed = I64(8)
              gen_ai.request.stream = Bool(true)
              llm.cost.basis = String("no_usage")
              llm.model_name = String("gpt-4o-mini")
              llm.provider = String("openai")
              llm.streaming = Bool(true)
              session.id = String("thread-7")
        "#]],
    );
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
fn offer(key: &str) -> Usage {
    assert!(llm::request(&with_tools(key)));
    Usage::new(1, 1)
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", request = with_tools(key))]
fn offer_by_key(key: &str) -> Usage {
    Usage::new(1, 1)
}

fn with_tools(key: &str) -> serde_json::Value {
    let city = serde_json::json!({"type": "string", "description": key});
    let weather =
        serde_json::json!({"name": "weather", "parameters": {"type": "object", "properties": {"city": city}}});
    serde_json::json!({
        "temperature": 0.5,
        "tools": [{"type": "function", "function": weather}, {"type": "web_search"}],
    })
}

#[test]
fn the_tools_that_a_request_offers_are_content() {
    let tools = |recording: Recording, offer: fn(&str) -> Usage| {
        recording.run(|| offer("key-7"));
        let span = recording.spans().remove(0);
        let found = span.attributes.iter().find(|known| known.key.as_str() == "gen_ai.tool.definitions");
        found.map(|known| known.value.as_str().into_owned())
    };
    let city = serde_json::json!({"type": "string", "description": "…"});
    let parameters = serde_json::json!({"type": "object", "properties": {"city": city}});
    let expected = serde_json::json!([
        {"type": "function", "name": "weather", "parameters": parameters},
        {"type": "web_search", "name": "web_search"},
    ]);
    for offer in [offer, offer_by_key] {
        let with_content = tools(Recording::new().with_content(|text| text.replace("key-7", "…")), offer);
        let recorded: serde_json::Value =
            serde_json::from_str(&with_content.expect("it is recorded")).expect("it is JSON");
        assert_eq!(recorded, expected);
        assert_eq!(tools(Recording::new(), offer), None);
    }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = manual)]
fn judge(key: &str) {
    llm::record(Usage::new(12, 3).with_response_id("response-1"));
    let explanation = format!("it quotes {key}");
    let result = Evaluation::of("faithfulness").with_score(0.75).with_label("pass").with_explanation(explanation);
    assert!(llm::evaluation(result));
    assert!(!llm::evaluation(Evaluation::of("stars").with_score(4.5)));
    assert!(!llm::evaluation(Evaluation::of("broken").with_score(f64::NAN)));
}

#[test]
fn the_result_of_an_evaluation_is_an_event_of_the_call_and_a_score_in_the_metrics() {
    let recording = Recording::new();
    recording.run(|| judge("sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"));
    let spans = recording.spans();
    let mut text = String::new();
    for event in &spans[0].events.events {
        writeln!(text, "{}", event.name).expect("a string grows");
        for attribute in &event.attributes {
            writeln!(text, "  {} = {}", attribute.key, attribute.value).expect("a string grows");
        }
    }
    text += &recording.metrics("tta_evaluation_score");
    expect![[r#"
        gen_ai.evaluation.result
          gen_ai.evaluation.name = faithfulness
          gen_ai.evaluation.score.value = 0.75
          gen_ai.evaluation.score.label = pass
          gen_ai.evaluation.explanation = it quotes [redacted]
          gen_ai.response.id = response-1
        gen_ai.evaluation.result
          gen_ai.evaluation.name = stars
          gen_ai.evaluation.score.value = 4.5
          gen_ai.response.id = response-1
        gen_ai.evaluation.result
          gen_ai.evaluation.name = broken
          gen_ai.response.id = response-1
        tta_evaluation_score_bucket{name="faithfulness",le="0"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.1"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.2"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.3"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.4"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.5"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.6"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.7"} 0
        tta_evaluation_score_bucket{name="faithfulness",le="0.8"} 1
        tta_evaluation_score_bucket{name="faithfulness",le="0.9"} 1
        tta_evaluation_score_bucket{name="faithfulness",le="1"} 1
        tta_evaluation_score_bucket{name="faithfulness",le="+Inf"} 1
        tta_evaluation_score_sum{name="faithfulness"} 0.75
        tta_evaluation_score_count{name="faithfulness"} 1
    "#]]
    .assert_eq(&text);
}

#[primitive(type = "workflow")]
fn travel() {
    plan();
    guide();
}

#[primitive(type = "agent", action = "plan")]
fn plan() {}

#[primitive(type = "agent", action = "invoke")]
fn guide() {
    embed();
    search();
    weather("weather.example");
    tidy();
}

#[primitive(type = "embedding", provider = "google", model = "gemini-embedding-001", usage = none)]
fn embed() {}

#[primitive(type = "retrieval", action = "search")]
fn search() {}

#[primitive(type = "tool", attributes("server.address" = host))]
fn weather(host: &str) {}

#[primitive(type = "processor", action = "transform")]
fn tidy() {}

#[test]
fn each_type_of_call_has_its_operation_and_its_name() {
    check(
        |_| travel(),
        &expect![[r#"
        primitive.agent.plan Internal
          gen_ai.agent.name = String("plan")
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("plan")
          session.id = String("thread-7")
        primitive.embedding.embed Client
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("embeddings")
          gen_ai.provider.name = String("gcp.gen_ai")
          gen_ai.request.model = String("gemini-embedding-001")
          llm.cost.basis = String("no_usage")
          llm.model_name = String("gemini-embedding-001")
          llm.provider = String("google")
          session.id = String("thread-7")
        primitive.retrieval.search Client
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("retrieval")
          session.id = String("thread-7")
        primitive.tool.call Client
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("execute_tool")
          gen_ai.tool.name = String("weather")
          server.address = String("weather.example")
          session.id = String("thread-7")
        primitive.processor.transform Internal
          session.id = String("thread-7")
        primitive.agent.invoke Internal
          gen_ai.agent.name = String("guide")
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("invoke_agent")
          session.id = String("thread-7")
        primitive.workflow.execute Internal
          gen_ai.conversation.id = String("thread-7")
          gen_ai.operation.name = String("invoke_workflow")
          gen_ai.workflow.name = String("travel")
          session.id = String("thread-7")
    "#]],
    );
}

#[test]
fn what_nobody_named_is_not_invented() {
    let recording = Recording::new();
    recording.run(tidy);
    recording.run(search);
    expect![[r#"
        primitive.processor.transform Internal
        primitive.retrieval.search Client
          gen_ai.operation.name = String("retrieval")
    "#]]
    .assert_eq(&told(&recording.spans()));
}

#[test]
fn a_sampler_sees_what_is_known_at_the_start() {
    expect![[r#"
        primitive.llm.stream Client audience=public gen_ai.operation.name=chat gen_ai.provider.name=aws.bedrock gen_ai.request.model=nova gen_ai.request.stream=true llm.model_name=nova llm.provider=aws server.address=wanted.example server.port=443
        primitive.llm.stream Client audience=public gen_ai.operation.name=chat gen_ai.provider.name=aws.bedrock gen_ai.request.model=nova gen_ai.request.stream=true llm.model_name=nova llm.provider=aws server.address=another.example server.port=443
        primitive.tool.call Client gen_ai.operation.name=execute_tool gen_ai.tool.name=look_up server.address=tools.example
        primitive.retrieval.search Client gen_ai.data_source.id=docs gen_ai.operation.name=retrieval
        1 recorded
    "#]].assert_eq(&run(&mut subject("sampler")).stdout);
}

#[test]
fn a_sampler_sees_the_name_that_is_exported() {
    let said = run(subject("sampler").env("TTA_SPAN_NAMES", "conventions")).stdout;
    let names: Vec<_> = said.lines().filter_map(|line| Some(line.split_once(" Client ")?.0)).collect();
    assert_eq!(names, ["chat nova", "chat nova", "execute_tool look_up", "retrieval docs"]);
}
