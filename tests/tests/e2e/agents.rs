//! The metrics of OpenTelemetry's conventions for agents, tools and workflows.

use expect_test::{Expect, expect};
use futures_util::future::join;
use tta_runtime::llm::Usage;
use tta_runtime::testing::Recording;
use tta_runtime::{JoinSet, View, WorkflowContext, primitive};

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn think() -> Result<Usage, String> {
    tokio::task::yield_now().await;
    Ok(Usage::new(1_000, 200))
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
    let _ = think().await;
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
    let lines = view.lines().filter(|line| line.starts_with("gen_ai_invoke_agent_")).filter(is_number);
    expected.assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

#[tokio::test]
async fn each_agent_has_the_calls_that_it_made_itself() {
    let recording = Recording::new();
    let of_researcher = async {
        let _ = think().await;
        look_up(async {}).await;
        let _ = think().await;
    };
    // The tool runs another workflow, whose agent makes calls of its own.
    let of_planner = async {
        let _ = think().await;
        look_up(research(researcher(of_researcher))).await;
        let _ = think().await;
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
        let _ = WorkflowContext::new().scope(think()).await;
    };
    recording.scope(async {
        let _ = think().await;
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
