//! The metrics of OpenTelemetry's conventions for agents, tools and workflows.

use std::io::{Error, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use expect_test::{Expect, expect};
use futures_util::FutureExt;
use futures_util::future::join;
use tta_runtime::llm::Usage;
use tta_runtime::testing::Recording;
use tta_runtime::{JoinSet, View, WorkflowContext, primitive};

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn think() -> Usage {
    tokio::task::yield_now().await;
    Usage::new(1_000, 200)
}

#[primitive(type = "embedding", provider = "openai", model = "text-embedding-3-small")]
fn embed() -> Usage {
    Usage::new(8, 0)
}

#[primitive(type = "tool")]
async fn look_up<T>(work: impl Future<Output = T>) -> T {
    work.await
}

#[primitive(type = "agent", action = "plan")]
async fn plan() {
    think().await;
}

#[primitive(type = "agent", action = "invoke")]
async fn planner<T>(work: impl Future<Output = T>) -> T {
    work.await
}

#[primitive(type = "agent", action = "handoff")]
async fn researcher<T>(work: impl Future<Output = T>) -> T {
    work.await
}

#[primitive(type = "workflow")]
async fn research<T>(work: impl Future<Output = T>) -> T {
    work.await
}

/// Checks the numbers of calls by agent: the observations and their sum.
#[track_caller]
fn check(recording: &Recording, expected: &Expect) {
    let view = recording.view(View::Otel);
    let is_number = |line: &&str| line.contains("_calls_sum{") || line.contains("_calls_count{");
    let lines = view.split_inclusive('\n').filter(|line| line.starts_with("gen_ai_invoke_agent_")).filter(is_number);
    expected.assert_eq(&lines.collect::<String>());
}

#[tokio::test]
async fn each_agent_has_the_calls_that_it_made_itself() {
    let recording = Recording::new();
    let of_researcher = async {
        think().await;
        look_up(async {}).await;
        think().await;
    };
    // The tool runs another workflow, whose agent makes calls of its own.
    let of_planner = async {
        think().await;
        look_up(research(researcher(of_researcher))).await;
        think().await;
    };
    recording.scope(research(planner(of_planner))).await;
    check(
        &recording,
        &expect![[r#"
            gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="planner"} 2
            gen_ai_invoke_agent_inference_calls_count{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="researcher"} 2
            gen_ai_invoke_agent_inference_calls_count{gen_ai_agent_name="researcher"} 1
            gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_tool_calls_count{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="researcher"} 1
            gen_ai_invoke_agent_tool_calls_count{gen_ai_agent_name="researcher"} 1
        "#]],
    );
}

#[tokio::test]
async fn calls_in_tasks_side_by_side_and_in_plans_are_the_agents_and_others_nobodys() {
    let recording = Recording::new();
    let work = async {
        join(think(), think()).await;
        tta_runtime::spawn(look_up(think())).await.expect("the task ends");
        let mut tasks = JoinSet::new();
        (0..3).for_each(|_| drop(tasks.spawn(look_up(async {}))));
        tasks.join_all().await;
        tta_runtime::spawn_blocking(embed).await.expect("the task ends");
        plan().await;
        // Work that begins anew belongs to no agent.
        WorkflowContext::new().scope(think()).await;
    };
    recording
        .scope(async {
            think().await;
            look_up(async {}).await;
            planner(work).await;
            planner(async {}).await;
        })
        .await;
    check(
        &recording,
        &expect![[r#"
            gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="planner"} 4
            gen_ai_invoke_agent_inference_calls_count{gen_ai_agent_name="planner"} 2
            gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="planner"} 4
            gen_ai_invoke_agent_tool_calls_count{gen_ai_agent_name="planner"} 2
        "#]],
    );
}

#[tokio::test]
async fn calls_that_a_client_reports_count_and_those_of_an_agent_that_ends_badly_too() {
    use tracing_subscriber::prelude::*;
    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
    let _guard = tracing::subscriber::set_default(subscriber);
    let reported = async {
        for operation in ["chat", "embeddings", "execute_tool"] {
            let _span = tracing::info_span!(
                "client",
                gen_ai.operation.name = operation,
                gen_ai.request.model = "gpt-4o",
                gen_ai.usage.input_tokens = 10,
            )
            .entered();
        }
        look_up(std::future::pending::<()>()).await;
    };
    recording
        .scope(async {
            let mut agent = Box::pin(planner(reported));
            assert!(futures_util::poll!(&mut agent).is_pending());
            drop(agent);
        })
        .await;
    check(
        &recording,
        &expect![[r#"
            gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_inference_calls_count{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_tool_calls_count{gen_ai_agent_name="planner"} 1
        "#]],
    );
}

/// Returns the span of a client whose answer is read later, as that of a stream.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = none)]
fn opens_an_answer() -> tracing::Span {
    tracing::info_span!(
        "client",
        gen_ai.operation.name = "chat",
        gen_ai.request.model = "gpt-4o",
        gen_ai.usage.input_tokens = tracing::field::Empty,
    )
}

#[tokio::test]
async fn a_call_whose_client_reports_after_its_end_counts_once() {
    use tracing_subscriber::prelude::*;
    let recording = Recording::new();
    let subscriber = tracing_subscriber::registry().with(tta_runtime::tracing_layer());
    let _guard = tracing::subscriber::set_default(subscriber);
    let read_later = async {
        let answer = opens_an_answer();
        answer.record("gen_ai.usage.input_tokens", 10);
    };
    recording.scope(planner(read_later)).await;
    check(
        &recording,
        &expect![[r#"
            gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_inference_calls_count{gen_ai_agent_name="planner"} 1
            gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="planner"} 0
            gen_ai_invoke_agent_tool_calls_count{gen_ai_agent_name="planner"} 1
        "#]],
    );
}

/// Runs an agent in a workflow, which calls tools that end in every way.
async fn fail_in_every_way(recording: &Recording) {
    let took = |milliseconds| recording.advance(Duration::from_millis(milliseconds));
    open(async {
        took(20);
        Ok(())
    })
    .await
    .expect("it is open");
    assert!(open(async { Err(Error::from(ErrorKind::NotFound)) }).await.is_err());
    assert!(open(async { Err(Error::from(ErrorKind::TimedOut)) }).await.is_err());
    let mut dropped = Box::pin(open(std::future::pending()));
    assert!(futures_util::poll!(&mut dropped).is_pending());
    took(300);
    drop(dropped);
    assert!(AssertUnwindSafe(open(async { panic!("broken") })).catch_unwind().await.is_err());
}

#[primitive(type = "tool")]
async fn open(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    work.await
}

#[tokio::test]
async fn durations_have_the_type_of_the_error_and_together_they_are_those_of_all_calls() {
    let recording = Recording::new();
    recording.scope(research(planner(fail_in_every_way(&recording)))).await;
    let view = recording.view(View::Otel);
    let is_shown = |line: &&str| {
        let is_duration = ["execute_tool", "invoke_agent", "invoke_workflow"]
            .iter()
            .any(|kind| line.starts_with(&format!("gen_ai_{kind}_duration_seconds")));
        let is_of_tools = line.starts_with("primitive_execution_duration") && line.contains("\"open\"");
        (is_duration || is_of_tools) && !line.contains("_bucket{")
    };
    expect![[r#"
        primitive_execution_duration_milliseconds_sum{primitive_type="tool",primitive_name="open"} 320
        primitive_execution_duration_milliseconds_count{primitive_type="tool",primitive_name="open"} 5
        gen_ai_execute_tool_duration_seconds_sum{gen_ai_tool_name="open"} 0.02
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open"} 1
        gen_ai_execute_tool_duration_seconds_sum{gen_ai_tool_name="open",error_type="Error"} 0
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open",error_type="Error"} 2
        gen_ai_execute_tool_duration_seconds_sum{gen_ai_tool_name="open",error_type="cancelled"} 0.3
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open",error_type="cancelled"} 1
        gen_ai_execute_tool_duration_seconds_sum{gen_ai_tool_name="open",error_type="panic"} 0
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open",error_type="panic"} 1
        gen_ai_invoke_agent_duration_seconds_sum{gen_ai_agent_name="planner"} 0.32
        gen_ai_invoke_agent_duration_seconds_count{gen_ai_agent_name="planner"} 1
        gen_ai_invoke_workflow_duration_seconds_sum{gen_ai_workflow_name="research"} 0.32
        gen_ai_invoke_workflow_duration_seconds_count{gen_ai_workflow_name="research"} 1
    "#]]
    .assert_eq(&view.split_inclusive('\n').filter(is_shown).collect::<String>());
}

#[tokio::test]
async fn types_of_errors_beyond_the_limit_of_series_are_other() {
    let recording = Recording::new().with_label_sets(1);
    recording.scope(fail_in_every_way(&recording)).await;
    let view = recording.view(View::Otel);
    let lines =
        view.split_inclusive('\n').filter(|line| line.starts_with("gen_ai_execute_tool_duration_seconds_count"));
    expect![[r#"
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open"} 1
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open",error_type="Error"} 2
        gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="open",error_type="other"} 2
    "#]]
    .assert_eq(&lines.collect::<String>());
    expect![[r#"
        tta_telemetry_capped_total{metric="gen_ai.execute_tool.duration"} 2
    "#]]
    .assert_eq(&recording.metrics("tta_telemetry_capped_total{metric=\"gen_ai.execute_tool"));
}
