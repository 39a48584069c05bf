//! Loop guards on functions and around blocks: which calls of a run are stopped, and which are not.

use std::time::Duration;

use expect_test::expect;
use tta_runtime::block::{Block, BlockError, LoopGuard, Retry, RetryBudget};
use tta_runtime::llm::{self, Usage};
use tta_runtime::testing::Recording;
use tta_runtime::{RunStopped, WorkflowContext, primitive};

#[primitive(type = "tool", loop_guard(repeats = 3, period = 3))]
async fn search(city: &str) -> Result<usize, String> {
    Ok(city.len())
}

#[primitive(type = "tool", loop_guard)]
fn open(page: u32, _log: &mut Vec<f64>) -> Result<u32, RunStopped> {
    Ok(page)
}

#[primitive(type = "tool", loop_guard(polled, steps = 9))]
async fn job_state(job: f64) -> Result<f64, std::io::Error> {
    Ok(job)
}

/// Costs $0.0045.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn think() -> Result<Usage, String> {
    Ok(Usage::new(1_000, 200))
}

#[primitive(type = "agent", action = "invoke", name = "researcher")]
async fn in_agent<T>(work: impl Future<Output = T>) -> T {
    work.await
}

/// Decodes the prices, without which the cost of a run is not known yet.
fn decode_prices() {
    llm::price("openai", "gpt-4o", &Usage::new(1, 1)).expect("it has a price");
}

fn looped(cycle: &[&'static str], times: u32) -> RunStopped {
    RunStopped::Loop { cycle: cycle.to_vec(), times }
}

#[tokio::test]
async fn the_same_call_is_stopped_before_the_fourth_time_and_its_cost_is_counted() {
    decode_prices();
    let recording = Recording::new();
    let run = async {
        for _ in 0..3 {
            think().await.expect("it thinks");
            assert_eq!(search("Bergen").await, Ok(6));
        }
        think().await.expect("it thinks");
        assert_eq!(search("Bergen").await, Err(String::from(looped(&["search"], 3))));
        assert_eq!(search("Oslo").await, Ok(4));
    };
    recording.scope(in_agent(run)).await;
    // Three of the four thoughts came after the first search.
    expect![[r#"
        tta_loops_total{primitive_name="search",action="counted"} 0
        tta_loops_total{primitive_name="search",action="stopped"} 1
        tta_loops_cost_usd_total{primitive_name="search"} 0.0135
    "#]]
    .assert_eq(&recording.metrics("tta_loops"));
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="search",action="call",status="success"} 4
        tta_primitive_executions_total{primitive_type="tool",primitive_name="search",action="call",status="failure"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="search",action="call",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="search",action="call",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="search",action="call",status="panicked"} 0
    "#]]
    .assert_eq(&recording.metrics(r#"tta_primitive_executions_total{primitive_type="tool",primitive_name="search""#));
}

#[tokio::test]
async fn a_cycle_of_several_functions_is_stopped_and_named() {
    let mut log = Vec::new();
    let run = async {
        for _ in 0..3 {
            assert_eq!(search("Bergen").await, Ok(6));
            assert_eq!(open(1, &mut log), Ok(1));
        }
        assert_eq!(search("Bergen").await, Err(String::from(looped(&["search", "open"], 3))));
        assert_eq!(open(2, &mut log), Ok(2));
        assert_eq!(search("Bergen").await, Ok(6));
    };
    Recording::new().scope(in_agent(run)).await;
}

#[tokio::test]
async fn each_run_begins_anew() {
    Recording::new()
        .scope(async {
            for _ in 0..10 {
                in_agent(async { assert_eq!(search("Bergen").await, Ok(6)) }).await;
            }
            for _ in 0..10 {
                // Nothing guards a call outside of any run.
                assert_eq!(search("Bergen").await, Ok(6));
            }
            let run = WorkflowContext::new();
            for _ in 0..3 {
                assert_eq!(run.scope(search("Bergen")).await, Ok(6));
            }
            assert_eq!(run.scope(search("Bergen")).await, Err(String::from(looped(&["search"], 3))));
        })
        .await;
}

#[primitive(type = "agent", action = "invoke", loop_guard(repeats = 2))]
async fn helper(task: &str) -> Result<usize, RunStopped> {
    search(task).await.map_err(|_| RunStopped::Steps { limit: 0 })
}

#[tokio::test]
async fn the_call_of_an_agent_is_a_step_of_the_run_around_it() {
    let run = async {
        assert_eq!((helper("Bergen").await, helper("Bergen").await), (Ok(6), Ok(6)));
        assert_eq!(helper("Bergen").await, Err(looped(&["helper"], 2)));
        assert_eq!(helper("Oslo").await, Ok(4));
        let retry = Retry::when(|_: &RunStopped| true).attempts(3).backoff(Duration::ZERO, Duration::ZERO);
        let again =
            (async |(): ()| helper("Narvik").await.and(Err::<(), _>(RunStopped::Steps { limit: 1 }))).with(retry);
        assert!(matches!(again.run(()).await, Err(BlockError::Exhausted { attempts: 3, .. })), "it is one step");
        assert_eq!(helper("Narvik").await, Ok(6));
    };
    Recording::new().scope(in_agent(run)).await;
}

#[tokio::test]
async fn the_tasks_of_a_run_share_its_steps() {
    let run = async {
        let tasks: Vec<_> = (0..20).map(|_| tta_runtime::spawn(search("Bergen"))).collect();
        let mut stopped = 0;
        for task in tasks {
            stopped += usize::from(task.await.expect("it ends").is_err());
        }
        assert_eq!(stopped, 17);
    };
    Recording::new().scope(in_agent(run)).await;
}

#[tokio::test]
async fn polling_is_stopped_by_the_limit_on_steps_alone() {
    let recording = Recording::new();
    let run = async {
        for _ in 0..9 {
            assert_eq!(job_state(7.0).await.expect("it may poll"), 7.0);
        }
        let stopped = job_state(7.0).await.expect_err("it has made its steps");
        assert_eq!(stopped.to_string(), "this run has made its 9 steps: end it with what it has");
    };
    recording.scope(in_agent(run)).await;
    expect![[r#"
        tta_run_limits_total{primitive_name="job_state",limit="cost"} 0
        tta_run_limits_total{primitive_name="job_state",limit="steps"} 1
    "#]]
    .assert_eq(&recording.metrics("tta_run_limits_total"));
}

#[tokio::test]
async fn the_attempts_of_a_retry_are_one_step() {
    let flaky = |_: u32| async {
        search("Bergen").await?;
        Err::<(), _>("busy".to_owned())
    };
    let retry = Retry::when(|error: &String| error == "busy").attempts(6).backoff(Duration::ZERO, Duration::ZERO);
    let retried = flaky.with(retry.budget(RetryBudget::share(10.0)));
    let run = async {
        for made in 1..=3 {
            let error = retried.run(1).await.expect_err("it is busy");
            assert!(matches!(&error, BlockError::Exhausted { attempts: 6, .. }), "{made}: {error}");
        }
        let stopped = BlockError::Inner(String::from(looped(&["search"], 3)));
        assert_eq!(retried.run(1).await, Err(stopped));
    };
    Recording::new().scope(in_agent(run)).await;
}

#[tokio::test]
async fn a_guard_around_a_block_stops_it_by_its_input_and_by_the_cost_of_the_run() {
    decode_prices();
    let recording = Recording::new();
    let ask = async |(question, _): (&'static str, f64)| {
        think().await?;
        Ok::<_, String>(question.len())
    };
    let guard = LoopGuard::by(|(question, _): &(&'static str, f64)| *question);
    recording
        .scope(in_agent(async {
            let ask = ask.named("ask").with(guard.repeats(2).period(1).cost_usd(0.0135));
            assert_eq!(ask.run(("where?", 0.5)).await, Ok(6));
            assert_eq!(ask.run(("where?", 0.25)).await, Ok(6));
            assert_eq!(ask.run(("where?", 0.5)).await, Err(BlockError::RunStopped(looped(&["ask"], 2))));
            assert_eq!(ask.run(("who?", 0.5)).await, Ok(4));
            let stopped = ask.run(("why?", 0.5)).await.expect_err("it is spent");
            assert_eq!(stopped.to_string(), "this run has cost $0.0135, of $0.0135 at most: end it with what it has");
        }))
        .await;
    expect![[r#"
        tta_loops_total{primitive_name="ask",action="counted"} 0
        tta_loops_total{primitive_name="ask",action="stopped"} 1
        tta_loops_cost_usd_total{primitive_name="ask"} 0.009
        tta_run_limits_total{primitive_name="ask",limit="cost"} 1
        tta_run_limits_total{primitive_name="ask",limit="steps"} 0
    "#]]
    .assert_eq(
        &[recording.metrics("tta_loops"), recording.metrics("tta_run_limits_total{primitive_name=\"ask\"")].concat(),
    );
    expect![[r#"
        researcher (primitive.agent.invoke)  0 ns  success
        ├─ ask (primitive.loop_guard.execute)  0 ns  success
        │  └─ think (primitive.llm.chat)  0 ns  success  gpt-4o  tokens=1200  $0.004500
        ├─ ask (primitive.loop_guard.execute)  0 ns  success
        │  └─ think (primitive.llm.chat)  0 ns  success  gpt-4o  tokens=1200  $0.004500
        ├─ ask (primitive.loop_guard.execute)  0 ns  failure  RunStopped
        ├─ ask (primitive.loop_guard.execute)  0 ns  success
        │  └─ think (primitive.llm.chat)  0 ns  success  gpt-4o  tokens=1200  $0.004500
        └─ ask (primitive.loop_guard.execute)  0 ns  failure  RunStopped
    "#]]
    .assert_eq(&recording.tree());
}

#[tokio::test]
async fn a_guard_that_only_counts_lets_repetitions_through() {
    let recording = Recording::new();
    let run = async {
        let work = (async |n: u32| Ok::<_, String>(n)).named("work").with(LoopGuard::new().count_only());
        for _ in 0..10 {
            assert_eq!(work.run(1).await, Ok(1));
        }
    };
    recording.scope(in_agent(run)).await;
    expect![[r#"
        tta_loops_total{primitive_name="work",action="counted"} 7
        tta_loops_total{primitive_name="work",action="stopped"} 0
    "#]]
    .assert_eq(&recording.metrics("tta_loops_total"));
}

struct Files {
    folder: &'static str,
    position: f64,
}

#[primitive(type = "tool", loop_guard(repeats = 1))]
impl Files {
    async fn read(&self, file: String) -> Result<String, Box<dyn std::error::Error>> {
        Ok(format!("{}/{file}", self.folder))
    }

    #[primitive(loop_guard = off)]
    async fn next(&self, step: f64) -> f64 {
        self.position + step
    }

    #[primitive(loop_guard(repeats = 1, arguments = (file.name, whole)))]
    async fn write(&self, file: File, whole: bool) -> Result<f64, RunStopped> {
        drop(file.name);
        Ok(if whole { file.share } else { self.position })
    }
}

struct File {
    name: String,
    share: f64,
}

#[tokio::test]
async fn the_methods_of_a_block_are_guarded_as_they_say() {
    let files = Files { folder: "notes", position: 0.0 };
    let file = |share| File { name: "a".to_owned(), share };
    let run = async {
        assert_eq!(files.read("a".to_owned()).await.expect("it may"), "notes/a");
        assert_eq!(files.next(0.5).await + files.next(0.5).await, 1.0);
        let stopped = files.read("a".to_owned()).await.expect_err("it repeats");
        assert_eq!(stopped.downcast_ref(), Some(&looped(&["Files::read"], 1)));
        assert_eq!(files.write(file(0.5), true).await, Ok(0.5));
        assert_eq!(files.write(file(0.75), true).await, Err(looped(&["Files::write"], 1)));
        assert_eq!(files.write(file(0.75), false).await, Ok(0.0));
    };
    Recording::new().scope(in_agent(run)).await;
}
