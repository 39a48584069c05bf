//! Budgets around blocks: which calls are refused, which are charged, and how much concurrent calls can cost together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use expect_test::expect;
use futures_util::FutureExt;
use futures_util::stream::{self, Stream, StreamExt};
use tta_runtime::block::{Block, BlockError};
use tta_runtime::llm::{self, Budget, Estimate, NanoUsd, Usage};
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive};

/// Costs $0.0045, exactly as `estimate` says.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn answer(question: &'static str) -> Result<Usage, &'static str> {
    tokio::task::yield_now().await;
    if question.is_empty() {
        llm::not_sent();
        return Err("no question");
    }
    Ok(Usage::new(1_000, 200))
}

fn estimate(_question: &&'static str) -> Estimate {
    Estimate::tokens("openai", "gpt-4o", 1_000).max_output_tokens(200)
}

#[test]
fn a_hundred_tasks_stay_within_the_limit_together() {
    let recording = Recording::new();
    let started = Arc::new(AtomicUsize::new(0));
    // Enough for 22 calls, but not for 23.
    let budget = Budget::usd(0.1).named("answers");
    let counted = {
        let started = Arc::clone(&started);
        move |question: &'static str| {
            started.fetch_add(1, Ordering::SeqCst);
            answer(question)
        }
    };
    let answer = Arc::new(counted.with(budget.reserving(estimate)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime starts");
    let (mut answered, mut refused) = (0, Vec::new());
    runtime.block_on(recording.scope(async {
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let answer = Arc::clone(&answer);
                WorkflowContext::current().spawn(async move { answer.run("where?").await })
            })
            .collect();
        for task in tasks {
            match task.await.expect("it ends") {
                Ok(_) => answered += 1,
                Err(BlockError::BudgetExceeded(exceeded)) => refused.push(exceeded),
                Err(other) => panic!("{other}"),
            }
        }
    }));
    assert_eq!((answered, refused.len(), started.load(Ordering::SeqCst)), (22, 78, 22));
    assert!(refused.iter().all(|refused| refused.spent.value() + refused.reserved.value() == 99_000_000));
    expect![[r#"
        tta_budget_remaining_usd{budget="answers"} 0.001
        tta_budget_unspent_usd{budget="answers"} 0.001
        tta_budget_soft_limit_reached_total{budget="answers"} 1
        tta_budget_estimated_usd_total{budget="answers"} 0
        tta_budget_refusals_total{budget="answers"} 78
    "#]]
    .assert_eq(&recording.metrics("tta_budget"));
    expect![[r#"
        tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.099
    "#]]
    .assert_eq(&recording.metrics("tta_llm_cost_total"));
}

#[tokio::test]
async fn a_refused_call_is_not_started_and_a_failed_one_gives_back_what_it_did_not_spend() {
    let recording = Recording::new();
    let budget = Budget::usd(0.005).named("answers");
    let answer = answer.with(budget.reserving(estimate));
    recording
        .scope(async {
            assert_eq!(answer.run("").await.map(|_| ()), Err(BlockError::Inner("no question")));
            assert_eq!(budget.remaining(), NanoUsd(5_000_000));
            recording.advance(Duration::from_secs(1));
            answer.run("where?").await.expect("there is enough");
            recording.advance(Duration::from_secs(1));
            assert!(matches!(answer.run("where?").await, Err(BlockError::BudgetExceeded(_))));
        })
        .await;
    expect![[r#"
        answer (primitive.budget.run)  0 ns  failure  &str
        └─ answer (primitive.llm.chat)  0 ns  failure  &str  gpt-4o
        answer (primitive.budget.run)  0 ns  success
        └─ answer (primitive.llm.chat)  0 ns  success  gpt-4o  tokens=1200  $0.004500
        answer (primitive.budget.run)  0 ns  failure  BudgetExceeded
    "#]]
    .assert_eq(&recording.tree());
}

#[tokio::test]
async fn budgets_around_each_other_all_pay() {
    let recording = Recording::new();
    let (day, hour) = (Budget::usd(1.0).named("day"), Budget::usd(0.01).named("hour"));
    let answer = answer.with(hour.reserving(estimate)).with(day.reserving(estimate));
    recording
        .scope(async {
            answer.run("where?").await.expect("there is enough");
            answer.run("where?").await.expect("there is enough");
            let refused = answer.run("where?").await.expect_err("the hour's is spent");
            assert!(matches!(refused, BlockError::BudgetExceeded(refused) if refused.budget == "hour"));
            assert_eq!(day.remaining(), NanoUsd(991_000_000));
            assert_eq!(hour.remaining(), NanoUsd(1_000_000));
        })
        .await;
}

/// Costs $0.0045, reported by its last item.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o")]
fn answer_in_pieces() -> impl Stream<Item = Option<Usage>> {
    stream::iter([None, Some(Usage::new(1_000, 200))])
}

#[tokio::test]
async fn a_stream_that_is_read_after_its_reservation_ended_is_paid_all_the_same() {
    let recording = Recording::new();
    let budget = Budget::usd(0.01).named("answers");
    let stream = recording.scope(async {
        let reservation = budget.reserve(&Estimate::usd(0.005)).expect("there is enough");
        reservation.run(answer_in_pieces)
    });
    let stream = stream.await;
    // It stays reserved until the stream ends.
    assert_eq!(recording.scope(async { budget.remaining() }).await, NanoUsd(5_000_000));
    assert_eq!(stream.count().await, 2);
    assert_eq!(recording.scope(async { budget.remaining() }).await, NanoUsd(5_500_000));
}

/// Ends without usage, as a request does that the provider refuses or that times out.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn silent() -> Option<Usage> {
    None
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn endless() -> Usage {
    std::future::pending().await
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "no-such-model")]
async fn unpriced() -> Usage {
    Usage::new(1_000, 200)
}

/// Reports 1,000 tokens more than the counts explain, which cost $0.01 as output.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn unexplained() -> Usage {
    Usage::new(1_000, 200).with_reported_total_tokens(2_200)
}

#[tokio::test]
async fn a_call_whose_cost_is_not_known_spends_its_estimate() {
    let recording = Recording::new();
    let budget = Budget::usd(1.0).named("answers");
    let reserve = || budget.reserve(&Estimate::usd(0.05)).expect("there is enough");
    let mut remaining = Vec::new();
    recording
        .scope(async {
            reserve().scope(silent()).await;
            remaining.push(budget.remaining());
            assert!(reserve().scope(endless()).now_or_never().is_none());
            remaining.push(budget.remaining());
            reserve().scope(unpriced()).await;
            remaining.push(budget.remaining());
            reserve().scope(unexplained()).await;
            remaining.push(budget.remaining());
            // What the program says is known.
            reserve().settle(NanoUsd(10_000_000));
            remaining.push(budget.remaining());
            drop(reserve());
            remaining.push(budget.remaining());
        })
        .await;
    let dollars: Vec<_> = remaining.iter().map(ToString::to_string).collect();
    assert_eq!(dollars, ["$0.95", "$0.90", "$0.85", "$0.8355", "$0.8255", "$0.8255"]);
    expect![[r#"
        tta_budget_estimated_usd_total{budget="answers"} 0.16
    "#]]
    .assert_eq(&recording.metrics("tta_budget_estimated"));
}

#[tokio::test]
async fn fifty_streams_that_are_dropped_early_do_not_pass_a_budget_for_two() {
    let recording = Recording::new();
    let budget = Budget::usd(0.1).named("answers");
    let streams = recording.scope(async {
        let streams = (0..50).filter_map(|_| {
            let reservation = budget.reserve(&Estimate::usd(0.05)).ok()?;
            let mut stream = Box::pin(reservation.run(answer_in_pieces));
            // The first item has no usage, and nobody reads the second one.
            assert_eq!(stream.next().now_or_never(), Some(Some(None)));
            Some(())
        });
        streams.count()
    });
    assert_eq!(streams.await, 2);
    assert_eq!(recording.scope(async { budget.remaining() }).await, NanoUsd(0));
}

#[tokio::test]
async fn reservations_of_one_budget_inside_of_each_other_pay_once() {
    let recording = Recording::new();
    let budget = Budget::usd(1.0).named("answers");
    recording
        .scope(async {
            let outer = budget.reserve(&Estimate::usd(0.1)).expect("there is enough");
            let work = async {
                let inner = budget.reserve(&Estimate::usd(0.01)).expect("there is enough");
                inner.scope(answer("where?")).await.expect("it answers");
            };
            outer.scope(work).await;
            assert_eq!(budget.remaining(), NanoUsd(995_500_000));
        })
        .await;
}
