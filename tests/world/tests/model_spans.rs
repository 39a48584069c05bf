//! The spans of OpenTelemetry's conventions that the crate `rig` emits are model calls, or parts of annotated ones.

use std::fmt::Write as _;
use std::net::SocketAddr;

use expect_test::{Expect, expect};
use futures_util::{Stream, StreamExt};
use rig_agent::AgentBuilder;
use rig_core::completion::CompletionRequest;
use rig_core::error::ProviderError;
use rig_core::operation::Completion;
use rig_core::providers::openai::OpenAIConfig;
use rig_core::streaming::{Item, StreamEvent, Streamed};
use tracing::field::Empty;
use tracing::info_span;
use tracing::instrument::{Instrument, WithSubscriber};
use tracing_subscriber::prelude::*;
use tta_runtime::llm::{Budget, NanoUsd, Usage};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;
use world::model_server;
use world::weather::Weather;

/// Checks the trace, the tokens in all of its spans, and the metrics.
async fn check(run: impl AsyncFnOnce(SocketAddr), expected: &Expect) {
    let server = model_server::start().await;
    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
    recording.scope(run(server)).with_subscriber(subscriber).await;
    // Calls at the same time of the recording's clock have no order.
    let tree = recording.tree();
    let mut lines: Vec<String> = tree.lines().map(|line| line.replace(['├', '└', '─', '│'], " ")).collect();
    lines.sort();
    let mut text = lines.join("\n") + "\n";
    let mut in_trace = 0;
    for span in recording.spans() {
        let of_tokens = span.attributes.iter().filter(|attribute| {
            ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"].contains(&attribute.key.as_str())
        });
        for attribute in of_tokens {
            let opentelemetry::Value::I64(tokens) = attribute.value else { panic!("{attribute:?}") };
            in_trace += tokens;
        }
    }
    writeln!(text, "tokens in the trace: {in_trace}").expect("a string grows");
    for metric in ["tta_llm_requests_total", "tta_llm_tokens_total", "tta_llm_cost_total", "tta_llm_calls_by_price"] {
        for line in recording.metrics(metric).lines().filter(|line| !line.starts_with('#') && !line.ends_with(" 0")) {
            writeln!(text, "{line}").expect("a string grows");
        }
    }
    expected.assert_eq(&text);
}

fn rig(server: SocketAddr) -> OpenAIConfig {
    OpenAIConfig::new("key").with_base_url(format!("http://{server}/v1"))
}

async fn complete(server: SocketAddr) {
    rig(server).client().chat("gpt-4o-mini").call(CompletionRequest::new("Where?")).await.expect("it answers");
}

/// Asks an agent that calls its tool in the first turn, and answers in the second.
async fn prompt(server: SocketAddr) {
    let agent = AgentBuilder::new(rig(server).client().chat("gpt-4o-mini")).tool(Weather).build();
    agent.prompt("Where?").max_turns(3).await.expect("it answers");
}

#[tokio::test]
async fn a_completion_is_a_model_call_without_any_annotation() {
    check(
        complete,
        &expect![[r#"
        chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
        tokens in the trace: 120
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 40
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 60
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 20
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000024
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
    "#]],
    )
    .await;
}

/// Where the host exports spans, the layer records events alone; calls are counted all the same.
#[tokio::test]
async fn calls_are_counted_where_the_host_exports_their_spans() {
    let server = model_server::start().await;
    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer().events_only());
    recording.scope(complete(server)).with_subscriber(subscriber).await;
    assert_eq!(recording.spans().len(), 0);
    let model = &recording.stats().models[0];
    assert_eq!((model.requests, model.tokens["output"], model.cost_usd), (1, 20, 0.000_024));
}

#[tokio::test]
async fn each_turn_of_an_agent_is_a_model_call() {
    check(
        prompt,
        &expect![[r#"
               chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
               chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
               execute_tool  0 ns
            invoke_agent  0 ns
            tokens in the trace: 240
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 2
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 80
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 120
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 40
            tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000048
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 2
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_stream_is_a_model_call() {
    check(
        async |server| {
            let mut stream =
                rig(server).client().chat("gpt-4o-mini").stream(CompletionRequest::new("Where?")).expect("it opens");
            while let Some(item) = stream.next().await {
                item.expect("it is an item");
            }
            stream.finish().await.expect("it is whole");
        },
        &expect![[r#"
            chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
            tokens in the trace: 120
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 40
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 60
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 20
            tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000024
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_request_that_fails_is_a_failure() {
    check(
        async |_| {
            let nobody = OpenAIConfig::new("key").with_base_url("http://127.0.0.1:1/v1");
            nobody
                .client()
                .chat("gpt-4o-mini")
                .call(CompletionRequest::new("Where?"))
                .await
                .expect_err("nobody listens");
        },
        &expect![[r#"
            chat  0 ns  error  no_response  gpt-4o-mini
            tokens in the trace: 0
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="failure"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="no_usage"} 1
        "#]],
    )
    .await;
}

#[primitive(type = "workflow")]
async fn work(server: SocketAddr) {
    prompt(server).await;
}

#[tokio::test]
async fn calls_in_a_workflow_are_its_own() {
    check(
        work,
        &expect![[r#"
               chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
               chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
               execute_tool  0 ns
            work (primitive.workflow.execute)  0 ns  success  $0.000048
            tokens in the trace: 240
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 2
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 80
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 120
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 40
            tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="work",agent_type=""} 0.000048
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 2
        "#]],
    )
    .await;
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = none)]
async fn ask(server: SocketAddr) {
    prompt(server).await;
}

#[tokio::test]
async fn the_numbers_of_an_annotated_call_are_those_of_the_calls_inside() {
    check(
        ask,
        &expect![[r#"
               chat  0 ns
               chat  0 ns
               execute_tool  0 ns
            ask (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=240  $0.000048
            tokens in the trace: 240
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 80
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 120
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 40
            tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000048
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
        "#]],
    )
    .await;
}

#[primitive(
    type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
    usage = |usage| Usage::in_body("openai", usage),
)]
async fn ask_and_report(server: SocketAddr) -> rig_core::completion::Usage {
    let agent = AgentBuilder::new(rig(server).client().chat("gpt-4o-mini")).tool(Weather).build();
    agent.prompt("Where?").max_turns(3).await.expect("it answers").usage
}

#[tokio::test]
async fn a_usage_that_an_annotated_call_reports_is_not_repeated() {
    let run = async |server| assert_eq!(ask_and_report(server).await.input_tokens, Some(200));
    check(
        run,
        &expect![[r#"
               chat  0 ns
               chat  0 ns
               execute_tool  0 ns
            ask_and_report (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=240  $0.000048
            tokens in the trace: 240
            tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 80
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 120
            tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 40
            tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000048
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
        "#]],
    )
    .await;
}

/// Passes the items on, and finishes at their end: then rig says what was used.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = none)]
async fn streamed(server: SocketAddr) -> impl Stream<Item = Result<Item<StreamEvent>, ProviderError>> {
    let stream = rig(server).client().chat("gpt-4o-mini").stream(CompletionRequest::new("Where?")).expect("it opens");
    futures_util::stream::unfold(stream, async |mut stream| match stream.next().await {
        Some(item) => Some((item, stream)),
        None => {
            stream.finish().await.expect("it is whole");
            None
        }
    })
}

#[tokio::test]
async fn the_numbers_of_an_annotated_stream_are_those_of_the_stream_inside() {
    let run = async |server| {
        let mut stream = std::pin::pin!(streamed(server).await);
        while let Some(item) = stream.next().await {
            item.expect("it is an item");
        }
    };
    check(
        run,
        &expect![[r#"
           chat  0 ns
        streamed (primitive.llm.stream)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
        tokens in the trace: 120
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 40
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 60
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 20
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000024
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
    "#]],
    )
    .await;
}

/// Ends before its stream does.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = none)]
async fn opened(server: SocketAddr) -> Streamed<Completion> {
    rig(server).client().chat("gpt-4o-mini").stream(CompletionRequest::new("Where?")).expect("it opens")
}

#[tokio::test]
async fn a_stream_that_outlives_its_annotated_call_is_counted_by_itself() {
    let run = async |server| {
        opened(server).await.finish().await.expect("it is whole");
    };
    check(
        run,
        &expect![[r#"
           chat  0 ns  gpt-4o-mini  tokens=120  $0.000024
        opened (primitive.llm.chat)  0 ns  success  gpt-4o-mini
        tokens in the trace: 120
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 2
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="cached_input"} 40
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 60
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 20
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000024
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="no_usage"} 1
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_budget_sees_the_calls() {
    use tta_runtime::llm::Estimate;

    let server = model_server::start().await;
    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
    let budget = Budget::usd(0.01).named("rig");
    let left = recording.scope(async {
        let reservation = budget.reserve(&Estimate::usd(0.005)).expect("there is enough");
        reservation.scope(complete(server)).await;
        budget.remaining()
    });
    // 60 fresh tokens at $0.15, 40 cached ones at $0.075 and 20 output tokens at $0.60 per million.
    assert_eq!(left.with_subscriber(subscriber).await, NanoUsd(10_000_000 - 24_000));
}

#[tokio::test]
async fn embeddings_whose_library_says_nothing_of_the_response_are_no_failures() {
    let embed = async |_| {
        drop(info_span!(
            "embeddings",
            gen_ai.operation.name = "embeddings",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "text-embedding-3-small",
            gen_ai.response.model = Empty,
            gen_ai.usage.input_tokens = Empty,
        ));
    };
    check(
        embed,
        &expect![[r#"
        embeddings  0 ns  text-embedding-3-small
        tokens in the trace: 0
        tta_llm_requests_total{provider="openai",model="text-embedding-3-small",status="success"} 1
        tta_llm_calls_by_price_total{provider="openai",model="text-embedding-3-small",basis="no_usage"} 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn an_operation_that_the_conventions_do_not_know_is_a_model_call_by_its_fields() {
    let run = async |_| {
        let agent = info_span!("agent", gen_ai.operation.name = "invoke_agent", gen_ai.usage.input_tokens = 100);
        let _inside = agent.enter();
        for operation in ["responses", "transcription"] {
            let call = info_span!(
                "call",
                otel.name = operation,
                gen_ai.operation.name = operation,
                gen_ai.provider.name = "openai",
                gen_ai.request.model = "gpt-4o-mini",
                gen_ai.usage.input_tokens = Empty,
            );
            call.record("gen_ai.usage.input_tokens", 50);
        }
        // Without a model there is no model call, and the numbers stay.
        drop(info_span!("guard", gen_ai.operation.name = "guardrail", gen_ai.usage.input_tokens = 7));
    };
    check(
        run,
        &expect![[r#"
           guard  0 ns
           responses  0 ns  gpt-4o-mini  tokens=50  $0.000008
           transcription  0 ns  gpt-4o-mini  tokens=50  $0.000008
        agent  0 ns
        tokens in the trace: 107
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 2
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 100
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000015
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 2
    "#]],
    )
    .await;
}

#[primitive(
    type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
    usage = |usage: &Usage| Some(usage.clone()),
)]
async fn answer() -> Usage {
    Usage::new(100, 20)
}

#[primitive(
    type = "embedding", action = "embed", provider = "openai", model = "text-embedding-3-small",
    usage = |usage: &Usage| Some(usage.clone()),
)]
async fn embed() -> Usage {
    Usage::new(10, 0)
}

#[primitive(type = "workflow")]
async fn answer_in_span_of_host() {
    let span = info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = "gpt-4o-mini",
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
    );
    let usage = answer().instrument(span.clone()).await;
    span.record("gen_ai.usage.input_tokens", usage.input_tokens);
    span.record("gen_ai.usage.output_tokens", usage.output_tokens);
}

#[tokio::test]
async fn an_annotated_call_in_a_span_of_the_same_call_is_counted_once() {
    check(async |_| answer_in_span_of_host().await, &expect![[r#"
              answer (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000027
           chat  0 ns
        answer_in_span_of_host (primitive.workflow.execute)  0 ns  success  $0.000027
        tokens in the trace: 120
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 100
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 20
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="answer_in_span_of_host",agent_type=""} 0.000027
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
    "#]]).await;
}

#[tokio::test]
async fn an_annotated_call_of_another_kind_is_not_the_call_around() {
    let run = async |_| {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o-mini",
            gen_ai.usage.input_tokens = 100,
        );
        embed().instrument(span).await;
    };
    check(
        run,
        &expect![[r#"
           embed (primitive.embedding.embed)  0 ns  success  text-embedding-3-small  tokens=10  $0.000000
        chat  0 ns  gpt-4o-mini  tokens=100  $0.000015
        tokens in the trace: 110
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
        tta_llm_requests_total{provider="openai",model="text-embedding-3-small",status="success"} 1
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 100
        tta_llm_tokens_total{provider="openai",model="text-embedding-3-small",token_type="input"} 10
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.000015
        tta_llm_cost_total{provider="openai",model="text-embedding-3-small",workflow_name="",agent_type=""} 0.0000002
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
        tta_llm_calls_by_price_total{provider="openai",model="text-embedding-3-small",basis="priced"} 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_budget_pays_once_for_an_annotated_call_in_a_span_of_the_same_call() {
    use tta_runtime::llm::Estimate;

    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
    let budget = Budget::usd(0.01).named("once");
    let left = recording.scope(async {
        let reservation = budget.reserve(&Estimate::usd(0.005)).expect("there is enough");
        reservation.scope(answer_in_span_of_host()).await;
        budget.remaining()
    });
    // 100 input tokens at $0.15 and 20 output tokens at $0.60 per million.
    assert_eq!(left.with_subscriber(subscriber).await, NanoUsd(10_000_000 - 27_000));
}

/// Embeds the question, and asks a model and its larger neighbour.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = none)]
async fn ask_several() {
    for (operation, model) in
        [("embeddings", "text-embedding-3-small"), ("chat", "gpt-4o-mini-2024-07-18"), ("chat", "gpt-4o")]
    {
        let call = info_span!(
            "call",
            otel.name = model,
            gen_ai.operation.name = operation,
            gen_ai.provider.name = "openai",
            gen_ai.request.model = model,
            gen_ai.usage.input_tokens = Empty,
        );
        call.record("gen_ai.usage.input_tokens", 1_000);
    }
}

#[tokio::test]
async fn a_call_of_another_model_or_kind_in_an_annotated_call_has_its_own_price() {
    check(
        async |_| ask_several().await,
        &expect![[r#"
           gpt-4o  0 ns  gpt-4o  tokens=1000  $0.002500
           gpt-4o-mini-2024-07-18  0 ns
           text-embedding-3-small  0 ns  text-embedding-3-small  tokens=1000  $0.000020
        ask_several (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=1000  $0.000150
        tokens in the trace: 3000
        tta_llm_requests_total{provider="openai",model="gpt-4o",status="success"} 1
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
        tta_llm_requests_total{provider="openai",model="text-embedding-3-small",status="success"} 1
        tta_llm_tokens_total{provider="openai",model="gpt-4o",token_type="input"} 1000
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 1000
        tta_llm_tokens_total{provider="openai",model="text-embedding-3-small",token_type="input"} 1000
        tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.0025
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.00015
        tta_llm_cost_total{provider="openai",model="text-embedding-3-small",workflow_name="",agent_type=""} 0.00002
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o",basis="priced"} 1
        tta_llm_calls_by_price_total{provider="openai",model="gpt-4o-mini",basis="priced"} 1
        tta_llm_calls_by_price_total{provider="openai",model="text-embedding-3-small",basis="priced"} 1
    "#]],
    )
    .await;
}
