//! One trace with whatever is there: the same programs in both modes.

mod services;

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::Router;
use axum::routing::get;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use expect_test::{Expect, expect};
use http::HeaderMap;
use opentelemetry::trace::{FutureExt, TraceContextExt, TraceId, Tracer};
use opentelemetry::{Context, global};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::trace::SpanData;
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tta_runtime::block::{Block, Retry};
use tta_runtime::llm::Usage;
use tta_runtime::{JoinSet, primitive, propagation};

fn is_call(span: &SpanData) -> bool {
    span.attributes.iter().any(|attribute| attribute.key.as_str() == "primitive.name")
}

/// Checks the tree of a trace, and that each span has the right exporter.
#[track_caller]
fn check(trace: Option<TraceId>, expected: &Expect) {
    let trace = trace.expect("there is a trace");
    expected.assert_eq(&super::host().tree(trace));
    for (exporter, span) in super::host().spans(trace) {
        let right = if is_call(&span) { super::CALLS } else { "host" };
        assert_eq!(exporter, right, "the exporter of {}", span.name);
    }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
async fn ask() -> Result<Usage, String> {
    tokio::task::yield_now().await;
    Ok(Usage::new(1_000, 200))
}

#[primitive(type = "workflow")]
async fn answer() -> Option<TraceId> {
    let trace = tta_runtime::trace_id();
    let search = async {
        tokio::task::yield_now().await;
        ask().await.expect("it answers");
    };
    search.instrument(tracing::info_span!("search")).await;
    let direct = global::tracer("host").start("direct");
    let below = async { ask().await.expect("it answers") };
    below.with_context(Context::current_with_span(direct)).await;
    trace
}

#[tokio::test]
async fn calls_are_under_and_above_the_host_s_spans() {
    super::host();
    let trace = answer().instrument(tracing::info_span!("request")).await;
    check(
        trace,
        &expect![[r#"
        request
          answer (primitive.workflow.execute)  success
            direct
              ask (primitive.llm.chat)  success
            search
              ask (primitive.llm.chat)  success
    "#]],
    );
}

#[tokio::test]
async fn calls_are_under_a_span_of_opentelemetry_s_own_api() {
    super::host();
    let job = global::tracer("host").start("job");
    let trace = answer().with_context(Context::current_with_span(job)).await;
    check(
        trace,
        &expect![[r#"
        job
          answer (primitive.workflow.execute)  success
            direct
              ask (primitive.llm.chat)  success
            search
              ask (primitive.llm.chat)  success
    "#]],
    );
}

#[tokio::test]
async fn calls_without_a_span_above_begin_a_trace_that_the_host_s_spans_join() {
    super::host();
    check(
        answer().await,
        &expect![[r#"
        answer (primitive.workflow.execute)  success
          direct
            ask (primitive.llm.chat)  success
          search
            ask (primitive.llm.chat)  success
    "#]],
    );
}

#[primitive(type = "workflow")]
async fn spread() -> Option<TraceId> {
    let spawned = async || drop(tokio::join!(ask(), ask().instrument(tracing::info_span!("below"))));
    tta_runtime::spawn(spawned()).instrument(tracing::info_span!("waiting")).await.expect("it ends");
    let mut tasks = JoinSet::new();
    async {
        tasks.spawn(async { drop(ask().await) });
    }
    .instrument(tracing::info_span!("spawning"))
    .await;
    tasks.join_all().await;
    tta_runtime::spawn_blocking(|| tracing::info_span!("blocking").in_scope(|| ())).await.expect("it ends");
    tta_runtime::trace_id()
}

#[tokio::test]
async fn spawned_tasks_are_under_the_span_that_spawned_them() {
    super::host();
    check(
        spread().instrument(tracing::info_span!("request")).await,
        &expect![[r#"
        request
          spread (primitive.workflow.execute)  success
            below
              ask (primitive.llm.chat)  success
            blocking
            ask (primitive.llm.chat)  success
            spawning
              ask (primitive.llm.chat)  success
            waiting
    "#]],
    );
    let outside = async { tta_runtime::spawn(answer()).await.expect("it ends") };
    check(
        outside.instrument(tracing::info_span!("request")).await,
        &expect![[r#"
        request
          answer (primitive.workflow.execute)  success
            direct
              ask (primitive.llm.chat)  success
            search
              ask (primitive.llm.chat)  success
    "#]],
    );
}

#[tokio::test]
async fn the_parts_of_blocks_are_spans() {
    super::host();
    async fn flaky(question: u32) -> Result<u32, String> {
        ask().await?;
        if question == 0 { Err("none".to_owned()) } else { Ok(question) }
    }
    let block = flaky.with(Retry::when(|_| true).attempts(2).named("retried"));
    let work = async {
        block.run(0).await.expect_err("it fails");
        tta_runtime::trace_id()
    };
    check(
        work.instrument(tracing::info_span!("request")).await,
        &expect![[r#"
        request
          retried (primitive.retry.execute)  failure
            retried (primitive.retry.attempt_0)  failure
              ask (primitive.llm.chat)  success
            retried (primitive.retry.attempt_1)  failure
              ask (primitive.llm.chat)  success
    "#]],
    );
}

/// Serves a router on a free port until the test ends.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e47";

/// Sends a request whose trace ends with two digits.
async fn send(url: &str, digits: &str, flags: &str) -> String {
    let request = reqwest::Client::new()
        .get(url)
        .header("traceparent", format!("00-{TRACE}{digits}-00f067aa0ba902b7-{flags}"))
        .header("tracestate", "vendor=7");
    let response = request.send().await.expect("it is sent").error_for_status().expect("it is answered");
    response.text().await.expect("it is text")
}

fn trace(digits: &str) -> Option<TraceId> {
    TraceId::from_hex(&format!("{TRACE}{digits}")).ok()
}

/// Answers with the headers of requests that three ways of propagation would send on.
#[primitive(type = "workflow")]
async fn onward() -> String {
    let by_api = |context: &Context| {
        let mut headers = HeaderMap::new();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(context, &mut HeaderInjector(&mut headers));
        });
        headers
    };
    let mut by_tta = HeaderMap::new();
    propagation::inject(&mut by_tta);
    let all = [by_api(&Context::current()), by_api(&tracing::Span::current().context()), by_tta];
    let same_trace = all.iter().map(|headers| {
        let parent = headers["traceparent"].to_str().expect("it is text");
        let state = headers["tracestate"].to_str().expect("it is text");
        format!("{} {} {state}", &parent[..35], &parent[53..])
    });
    let here = tta_runtime::span_id().expect("there is a span").to_string();
    let parents =
        [&all[0], &all[2]].map(|headers| headers["traceparent"].to_str().is_ok_and(|text| text.contains(&here)));
    assert_eq!(parents, [true, true]);
    same_trace.collect::<Vec<_>>().join("\n")
}

fn router() -> Router {
    Router::new().route("/ask", get(async || _ = answer().await)).route("/onward", get(onward))
}

#[tokio::test]
async fn a_request_s_trace_goes_through_axum_s_layer_and_calls_to_the_next_request() {
    super::host();
    let url = serve(router().layer(OtelAxumLayer::default())).await;
    send(&format!("{url}/ask"), "01", "01").await;
    check(
        trace("01"),
        &expect![[r#"
        below 00f067aa0ba902b7
        GET /ask
          answer (primitive.workflow.execute)  success
            direct
              ask (primitive.llm.chat)  success
            search
              ask (primitive.llm.chat)  success
    "#]],
    );
    expect![[r#"
        00-4bf92f3577b34da6a3ce929d0e0e4702 01 vendor=7
        00-4bf92f3577b34da6a3ce929d0e0e4702 01 vendor=7
        00-4bf92f3577b34da6a3ce929d0e0e4702 01 vendor=7"#]]
    .assert_eq(&send(&format!("{url}/onward"), "02", "01").await);
}

#[tokio::test]
async fn an_unsampled_request_exports_nothing_and_is_passed_on_unsampled() {
    super::host();
    let url = serve(router().layer(OtelAxumLayer::default())).await;
    send(&format!("{url}/ask"), "03", "00").await;
    assert_eq!(super::host().tree(trace("03").expect("it is valid")), "");
    expect![[r#"
        00-4bf92f3577b34da6a3ce929d0e0e4704 00 vendor=7
        00-4bf92f3577b34da6a3ce929d0e0e4704 00 vendor=7
        00-4bf92f3577b34da6a3ce929d0e0e4704 00 vendor=7"#]]
    .assert_eq(&send(&format!("{url}/onward"), "04", "00").await);
}

#[tokio::test]
async fn a_request_s_trace_goes_through_tower_http_s_layer() {
    super::host();
    let layer = TraceLayer::new_for_http().make_span_with(|request: &http::Request<_>| {
        let span = tracing::info_span!("http");
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
        span.set_parent(parent).expect("the layer is there");
        span
    });
    let url = serve(router().layer(layer)).await;
    send(&format!("{url}/ask"), "05", "01").await;
    check(
        trace("05"),
        &expect![[r#"
        below 00f067aa0ba902b7
        http
          answer (primitive.workflow.execute)  success
            direct
              ask (primitive.llm.chat)  success
            search
              ask (primitive.llm.chat)  success
    "#]],
    );
}

#[tokio::test]
async fn this_library_s_own_server_layer_is_under_the_host_s_span() {
    super::host();
    let url = serve(router().layer(tta_runtime::tower::server("api")).layer(OtelAxumLayer::default())).await;
    send(&format!("{url}/ask"), "06", "01").await;
    check(
        trace("06"),
        &expect![[r#"
        below 00f067aa0ba902b7
        GET /ask
          api (primitive.service.serve)  success
            answer (primitive.workflow.execute)  success
              direct
                ask (primitive.llm.chat)  success
              search
                ask (primitive.llm.chat)  success
    "#]],
    );
}

#[tokio::test]
async fn a_call_has_the_same_attributes_in_both_modes() {
    super::host();
    #[primitive(type = "tool", attributes("server.address" = "example.org"))]
    async fn fail() -> Result<(), String> {
        ask().await?;
        Err("out of order".to_owned())
    }
    let work = async {
        fail().await.expect_err("it fails");
        tta_runtime::trace_id()
    };
    let trace = work.instrument(tracing::info_span!("request")).await.expect("there is a trace");
    let mut text = String::new();
    for (_, span) in super::host().spans(trace).into_iter().filter(|(_, span)| is_call(span)) {
        // The host's layer has attributes of its own about threads and times.
        let foreign = ["busy_ns", "idle_ns", "thread.id", "thread.name", "target", "code.module.name"];
        let changing = ["execution.duration_ms", "causation.id", "code.line.number"];
        let count = span.attributes.len();
        let attributes: BTreeMap<_, _> =
            span.attributes.iter().map(|attribute| (attribute.key.as_str(), &attribute.value)).collect();
        assert_eq!(attributes.len(), count, "no attribute is there twice");
        writeln!(text, "{} {:?} {:?}", span.name, span.span_kind, span.status).expect("a string grows");
        for (key, value) in attributes.into_iter().filter(|(key, _)| !foreign.contains(key)) {
            let value = if changing.contains(&key) { "…".to_owned() } else { value.to_string() };
            // The path begins with the name of the test binary.
            let value = value.split_once("_spans::").map_or(value.as_str(), |(_, path)| path);
            writeln!(text, "  {key} {value}").expect("a string grows");
        }
        for event in &span.events.events {
            let attributes = event.attributes.iter().map(|attribute| format!(" {}={}", attribute.key, attribute.value));
            writeln!(text, "  event {}{}", event.name, attributes.collect::<String>()).expect("a string grows");
        }
    }
    expect![[r#"
        primitive.llm.chat Client Unset
          code.file.path tests/world/tests/neighbours/mod.rs
          code.function.name neighbours::ask
          code.line.number …
          execution.duration_ms …
          execution.status success
          gen_ai.operation.name chat
          gen_ai.provider.name openai
          gen_ai.request.model gpt-4o-mini
          gen_ai.usage.cost 0.00027
          gen_ai.usage.input_tokens 1000
          gen_ai.usage.output_tokens 200
          llm.completion_tokens 200
          llm.cost.basis priced
          llm.cost_usd 0.00027
          llm.model_name gpt-4o-mini
          llm.prompt_tokens 1000
          llm.provider openai
          llm.streaming false
          llm.total_tokens 1200
          primitive.action chat
          primitive.name ask
          primitive.parent fail
          primitive.type llm
        primitive.tool.call Client Error { description: "out of order" }
          code.file.path tests/world/tests/neighbours/mod.rs
          code.function.name neighbours::fail
          code.line.number …
          error.message out of order
          error.type String
          execution.duration_ms …
          execution.status failure
          gen_ai.operation.name execute_tool
          gen_ai.tool.name fail
          primitive.action call
          primitive.name fail
          primitive.type tool
          server.address example.org
          event exception exception.type=String exception.message=out of order
    "#]]
    .assert_eq(&text);
}
