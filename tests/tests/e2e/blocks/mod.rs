//! Building blocks: their results at the edges of their behaviour, and their records.

mod circuit_breaker;
mod declared;
mod fallback;
mod parallel;
mod retry;
mod router;
mod saga;
mod sequential;
mod span_detail;
mod timeout;

use std::cell::Cell;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use expect_test::{Expect, expect};
use futures_executor::block_on;
use futures_util::future::{join, join_all};
use futures_util::{FutureExt, pin_mut};
use tokio::sync::Notify;
use tta_runtime::block::{Block, BlockError, Cache, Parallel, Router};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

#[primitive(type = "tool", action = "call")]
async fn work(number: u32) -> Result<u32, String> {
    match number {
        0 => Err("zero".into()),
        99 => panic!("ninety-nine"),
        1_000.. => pending().await,
        number => Ok(number * 2),
    }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = |_| Usage::new(1_000, 200))]
async fn ask_cheap(question: String) -> Result<String, String> {
    if question.is_empty() { Err("nothing asked".into()) } else { Ok(question.to_uppercase()) }
}

fn check(recording: &Recording, metric: &str, expected: &Expect) {
    expected.assert_eq(&recording.metrics(metric));
}

/// Returns the number of calls of a function by outcome, without zeros.
fn statuses(recording: &Recording, name: &str) -> Vec<(&'static str, u64)> {
    let stats = recording.stats();
    let primitive = stats.primitives.iter().find(|primitive| primitive.name == name).expect("it was called");
    primitive.ended.iter().map(|(outcome, &n)| (outcome.as_str(), n)).filter(|(_, n)| *n > 0).collect()
}

/// Returns the sum of a metric's series.
fn sum(recording: &Recording, metric: &str) -> u64 {
    let value = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok());
    recording.metrics(metric).lines().map(|line| value(line).unwrap_or_else(|| panic!("no whole number: {line}"))).sum()
}

#[test]
fn parallel_outputs_are_in_the_order_of_the_inputs() {
    let block = Parallel::each("doubles", work).limit(2);
    assert_eq!(block_on(block.run([3, 1, 2])), Ok(vec![6, 2, 4]));
}

#[test]
fn the_first_error_cancels_the_siblings_and_each_is_recorded() {
    let recording = Recording::new();
    let block = Parallel::each("doubles", work);
    let result = block_on(recording.scope(block.run([1_000, 1_001, 0])));
    assert_eq!(result, Err(BlockError::Inner("zero".to_owned())));
    expect![[r#"
        doubles (primitive.parallel.execute)  0 ns  failure  String
        ├─ doubles (primitive.parallel.branch_2)  0 ns  failure  String  branch=2
        │  └─ work (primitive.tool.call)  0 ns  failure  String
        ├─ doubles (primitive.parallel.branch_1)  0 ns  cancelled  branch=1
        │  └─ work (primitive.tool.call)  0 ns  cancelled
        └─ doubles (primitive.parallel.branch_0)  0 ns  cancelled  branch=0
           └─ work (primitive.tool.call)  0 ns  cancelled
    "#]]
    .assert_eq(&recording.tree());
}

#[test]
fn the_panic_of_a_branch_is_its_error() {
    let recording = Recording::new();
    let block = Parallel::each("doubles", work);
    let results = block_on(recording.scope(block.run_all([99, 4])));
    let panicked = BlockError::Panicked { branch: 0, message: "ninety-nine".to_owned() };
    assert_eq!(results, [Err(panicked), Ok(8)]);
    check(
        &recording,
        "tta_primitive_executions_total{primitive_type=\"tool\"",
        &expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="failure"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="panicked"} 1
    "#]],
    );
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
        tta_connections_total{source="doubles",target="work",connection_type="parallel"} 2
    "#]],
    );
}

#[test]
fn no_more_branches_run_at_once_than_the_limit() {
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let block = Parallel::each("limited", async |_: u32| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        running.fetch_sub(1, Ordering::SeqCst);
        Ok::<_, ()>(())
    });
    block_on(block.limit(3).run(0..10)).unwrap();
    assert_eq!(most.into_inner(), 3);
}

fn router() -> Router<String, String, String> {
    Router::new("write", |text: &String| match text.as_str() {
        "panic" => panic!("cannot choose"),
        "strange" => "nowhere",
        _ => "cheap",
    })
    .route("cheap", ask_cheap)
    .route("dear", |text: String| async move { Ok(format!("dear: {text}")) })
    .model("openai", "gpt-4o-mini")
    .model("openai", "gpt-4o")
}

#[test]
fn a_router_records_the_reason_for_a_route() {
    let recording = Recording::new();
    let router = router().default_route("dear");
    let ask = |text: &str| block_on(recording.scope(router.run(text.to_owned()))).unwrap();
    assert_eq!(["easy", "strange", "panic"].map(ask), ["EASY", "dear: strange", "dear: panic"]);
    check(
        &recording,
        "tta_router_decisions_total",
        &expect![[r#"
        tta_router_decisions_total{primitive_name="write",route="cheap",reason="chosen"} 1
        tta_router_decisions_total{primitive_name="write",route="dear",reason="choice_failed"} 1
        tta_router_decisions_total{primitive_name="write",route="dear",reason="unknown_key"} 1
    "#]],
    );
}

#[test]
fn a_cheaper_route_saves_the_difference_to_the_dearest() {
    let recording = Recording::new();
    block_on(recording.scope(router().run("easy".to_owned()))).unwrap();
    // 1,000 tokens in and 200 out: $0.00027 by gpt-4o-mini, $0.0045 by gpt-4o.
    check(
        &recording,
        "tta_llm_cost_total",
        &expect![[r#"
        tta_llm_cost_total{provider="openai",model="gpt-4o-mini",workflow_name="",agent_type=""} 0.00027
    "#]],
    );
    check(
        &recording,
        "tta_llm_savings_total",
        &expect![[r#"
        tta_llm_savings_total{provider="openai",model="gpt-4o-mini",source="router"} 0.00423
    "#]],
    );
}

#[test]
fn a_model_that_no_route_names_saves_nothing() {
    let recording = Recording::new();
    let router = Router::new("write", |_: &String| "cheap")
        .route("cheap", ask_cheap)
        .model("openai", "gpt-4o")
        .model("openai", "gpt-4.1");
    block_on(recording.scope(router.run("easy".to_owned()))).unwrap();
    check(&recording, "tta_llm_savings_total", &expect![""]);
}

#[test]
fn without_a_default_an_unknown_key_names_the_known_routes() {
    let error = block_on(router().run("strange".to_owned())).unwrap_err();
    assert_eq!(error.to_string(), "no route for the key `nowhere`; known routes: cheap, dear");
}

#[test]
fn an_unknown_default_route_is_rejected() {
    let error = router().try_default_route("chepa").unwrap_err();
    let expected = "router `write` has no route `chepa`; add the route first; known routes: cheap, dear";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_hit_costs_nothing_and_saves_the_cost_of_the_output() {
    let recording = Recording::new();
    let cached = ask_cheap.with(Cache::memory(10).named("answers").ttl(Duration::from_secs(60)));
    let ask = |text: &str| block_on(recording.scope(cached.run(text.to_owned())));
    assert_eq!([ask("a"), ask("a"), ask("a")], ["A", "A", "A"].map(|answer| Ok(answer.to_owned())));
    check(
        &recording,
        "tta_llm_requests_total",
        &expect![[r#"
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 1
    "#]],
    );
    check(
        &recording,
        "tta_llm_savings_total",
        &expect![[r#"
        tta_llm_savings_total{provider="openai",model="gpt-4o-mini",source="cache"} 0.00054
    "#]],
    );
    check(
        &recording,
        "tta_cache_operations_total",
        &expect![[r#"
        tta_cache_operations_total{primitive_name="answers",cache_type="memory",operation="hit"} 2
        tta_cache_operations_total{primitive_name="answers",cache_type="memory",operation="miss"} 1
        tta_cache_operations_total{primitive_name="answers",cache_type="memory",operation="store"} 1
    "#]],
    );
}

#[test]
fn an_error_is_not_cached() {
    let recording = Recording::new();
    let cached = ask_cheap.with(Cache::memory(10).named("errors"));
    for _ in 0..2 {
        assert_eq!(
            block_on(recording.scope(cached.run(String::new()))),
            Err(BlockError::Inner("nothing asked".to_owned()))
        );
    }
    check(
        &recording,
        "tta_cache_operations_total",
        &expect![[r#"
        tta_cache_operations_total{primitive_name="errors",cache_type="memory",operation="miss"} 2
    "#]],
    );
}

#[test]
fn none_and_the_empty_tuple_are_cached() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let nothing = move |_: u32| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok::<Option<()>, String>(None) }
    };
    let cached = nothing.with(Cache::memory(10).named("nothing"));
    assert_eq!((block_on(cached.run(1)), block_on(cached.run(1))), (Ok(None), Ok(None)));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn concurrent_calls_for_one_key_run_once() {
    let recording = Recording::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let slow = move |number: u32| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            Ok::<_, String>(number)
        }
    };
    let cached = slow.with(Cache::memory(10).named("slow"));
    let answers = block_on(recording.scope(join_all((0..20).map(|_| cached.run(7)))));
    assert_eq!(answers, vec![Ok(7); 20]);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    check(
        &recording,
        "tta_cache_operations_total",
        &expect![[r#"
        tta_cache_operations_total{primitive_name="slow",cache_type="memory",operation="coalesced"} 19
        tta_cache_operations_total{primitive_name="slow",cache_type="memory",operation="miss"} 1
        tta_cache_operations_total{primitive_name="slow",cache_type="memory",operation="store"} 1
    "#]],
    );
}

#[test]
fn a_waiter_takes_over_from_a_dropped_leader() {
    thread_local! {
        static FIRST: Cell<bool> = const { Cell::new(true) };
    }
    let begun = Arc::new(Notify::new());
    let first_begun = Arc::clone(&begun);
    let work = move |number: u32| {
        let (first, begun) = (FIRST.replace(false), Arc::clone(&first_begun));
        async move {
            if first {
                begun.notify_one();
                pending::<()>().await;
            }
            Ok::<_, String>(number)
        }
    };
    let cached = work.with(Cache::memory(10).named("taken_over"));
    let answer = block_on(async {
        let leader = cached.run(3);
        let abandoned = async {
            pin_mut!(leader);
            futures_util::future::select(leader, Box::pin(begun.notified())).await;
        };
        join(abandoned, cached.run(3)).map(|((), answer)| answer).await
    });
    assert_eq!(answer, Ok(3));
}
