//! Retries.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::expect;
use futures_util::FutureExt;
use tokio::time::{Instant, timeout};
use tta_runtime::block::{Block, BlockError, CircuitBreaker, Fallback, Retry, RetryBudget, Timeout};
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive};

use super::{check, statuses, sum};

const SECOND: Duration = Duration::from_secs(1);

/// The faults of the next calls; they succeed once it is empty.
type Script = Arc<Mutex<VecDeque<Act>>>;

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Succeed,
    Busy,
    /// Busy, with the wait that it requests in seconds.
    BusyFor(u64),
    Refuse,
    Panic,
    Hang,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Busy(Option<u64>),
    Refused,
}

pub(super) fn script(acts: impl IntoIterator<Item = Act>) -> Script {
    Arc::new(Mutex::new(acts.into_iter().collect()))
}

#[primitive(type = "tool", action = "call")]
pub(super) async fn act(script: Script) -> Result<u32, Fault> {
    let act = script.lock().expect("no act panics while it is taken").pop_front().unwrap_or(Act::Succeed);
    match act {
        Act::Succeed => Ok(1),
        Act::Busy => Err(Fault::Busy(None)),
        Act::BusyFor(seconds) => Err(Fault::Busy(Some(seconds))),
        Act::Refuse => Err(Fault::Refused),
        Act::Panic => std::panic::resume_unwind(Box::new("made up")),
        Act::Hang => std::future::pending().await,
    }
}

pub(super) fn retry() -> Retry<Fault> {
    Retry::when(|fault| matches!(fault, Fault::Busy(_)))
        .retry_after(|fault| match fault {
            Fault::Busy(seconds) => seconds.map(Duration::from_secs),
            Fault::Refused => None,
        })
        .backoff(SECOND, 8 * SECOND)
        .budget(RetryBudget::share(0.0).reserve(1_000))
}

#[tokio::test(start_paused = true)]
async fn work_is_retried_until_it_succeeds_and_each_attempt_is_recorded() {
    let recording = Recording::in_timer_time();
    let patient = act.with(retry());
    let start = Instant::now();
    assert_eq!(recording.scope(patient.run(script([Act::Busy, Act::BusyFor(5)]))).await, Ok(1));
    // The ceiling is 1 s before the second attempt. Before the third the requested 5 s exceed its ceiling of 2 s.
    assert!((5 * SECOND..6 * SECOND + Duration::from_millis(10)).contains(&start.elapsed()), "{:?}", start.elapsed());
    check(
        &recording,
        "tta_retry_attempts_total",
        &expect![[r#"
            tta_retry_attempts_total{primitive_name="act",result="retried"} 2
            tta_retry_attempts_total{primitive_name="act",result="success"} 1
        "#]],
    );
    check(
        &recording,
        "tta_retry_backoff_seconds_count",
        &expect![[r#"
            tta_retry_backoff_seconds_count{primitive_name="act"} 2
        "#]],
    );
    let names: Vec<_> = recording.spans().iter().map(|span| span.name.to_string()).collect();
    assert_eq!(
        names,
        [
            "primitive.tool.call",
            "primitive.retry.attempt_0",
            "primitive.tool.call",
            "primitive.retry.attempt_1",
            "primitive.tool.call",
            "primitive.retry.attempt_2",
            "primitive.retry.execute",
        ]
    );
    let attempts = |span: &str, key: &str| {
        let spans = recording.spans();
        let span = spans.iter().find(|have| have.name == span).expect("the span");
        span.attributes.iter().find(|have| have.key.as_str() == key).map(|have| have.value.to_string())
    };
    assert_eq!(attempts("primitive.retry.attempt_0", "retry.backoff_ms").as_deref(), Some("0"));
    assert_eq!(attempts("primitive.retry.attempt_2", "retry.backoff_ms").as_deref(), Some("5000"));
    assert_eq!(attempts("primitive.retry.attempt_2", "retry.attempt").as_deref(), Some("2"));
    assert_eq!(attempts("primitive.retry.attempt_2", "retry.max_attempts").as_deref(), Some("3"));
}

#[tokio::test(start_paused = true)]
async fn the_reason_for_no_further_attempt_is_recorded() {
    let recording = Recording::in_timer_time();
    let patient = act.with(retry());
    let run = async |acts: &[Act]| recording.scope(patient.run(script(acts.iter().copied()))).await;
    let exhausted = |attempts, fault| Err(BlockError::Exhausted { attempts, last: Box::new(BlockError::Inner(fault)) });
    assert_eq!(run(&[Act::Refuse]).await, Err(BlockError::Inner(Fault::Refused)));
    assert_eq!(run(&[Act::Busy, Act::Refuse]).await, Err(BlockError::Inner(Fault::Refused)));
    assert_eq!(run(&[Act::Busy; 5]).await, exhausted(3, Fault::Busy(None)));
    assert_eq!(run(&[Act::BusyFor(9)]).await, exhausted(1, Fault::Busy(Some(9))));
    let deadline = (Instant::now() + 4 * SECOND).into_std();
    let context = recording.run(|| WorkflowContext::current().with_deadline(deadline));
    let start = Instant::now();
    assert_eq!(context.scope(patient.run(script([Act::BusyFor(4)]))).await, exhausted(1, Fault::Busy(Some(4))));
    assert_eq!(start.elapsed(), Duration::ZERO);
    let unwound = AssertUnwindSafe(run(&[Act::Panic])).catch_unwind().await;
    assert!(unwound.is_err());
    assert!(timeout(SECOND, run(&[Act::Hang])).await.is_err());
    let limited = act.with(retry()).with(Timeout::after(SECOND));
    let ended = recording.scope(limited.run(script([Act::Hang]))).await;
    assert_eq!(ended, Err(BlockError::Timeout { limit: SECOND }));
    check(
        &recording,
        "tta_retry_attempts_total",
        &expect![[r#"
            tta_retry_attempts_total{primitive_name="act",result="cancelled"} 1
            tta_retry_attempts_total{primitive_name="act",result="deadline"} 1
            tta_retry_attempts_total{primitive_name="act",result="exhausted"} 1
            tta_retry_attempts_total{primitive_name="act",result="not_retryable"} 2
            tta_retry_attempts_total{primitive_name="act",result="panicked"} 1
            tta_retry_attempts_total{primitive_name="act",result="retried"} 3
            tta_retry_attempts_total{primitive_name="act",result="timeout"} 1
            tta_retry_attempts_total{primitive_name="act",result="wait_too_long"} 1
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_limits_the_load_on_a_failing_backend() {
    let recording = Recording::in_timer_time();
    let patient = act.with(retry().budget(RetryBudget::share(0.2).reserve(5)));
    for _ in 0..100 {
        recording.scope(patient.run(script([Act::Busy; 3]))).await.expect_err("it is down");
    }
    // 100 calls deposit a fifth of a retry each, except the first, which finds the reserve full; plus the reserve of 5.
    assert_eq!(statuses(&recording, "act"), [("failure", 124)]);
    assert_eq!(sum(&recording, "tta_retry_attempts_total{primitive_name=\"act\",result=\"retried\""), 24);
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_breaker_is_retried_after_its_cool_down() {
    let recording = Recording::in_timer_time();
    let breaker = CircuitBreaker::after_failures(1).cool_down(3 * SECOND);
    let patient = act.with(breaker).with(retry().backoff(Duration::ZERO, 8 * SECOND));
    let start = Instant::now();
    assert_eq!(recording.scope(patient.run(script([Act::Busy]))).await, Ok(1));
    assert_eq!(start.elapsed(), 3 * SECOND);
    assert_eq!(statuses(&recording, "act"), [("success", 1), ("failure", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_named_retry_is_a_node_between_its_caller_and_the_work() {
    #[primitive(type = "workflow")]
    async fn flow(name: Option<&'static str>) -> Result<u32, BlockError<Fault>> {
        let retry = retry();
        let retry = if let Some(name) = name { retry.named(name) } else { retry };
        act.with(retry).run(script([Act::Busy, Act::Busy])).await
    }
    let recording = Recording::in_timer_time();
    recording.scope(flow(None)).await.expect("the third attempt succeeds");
    recording.scope(flow(Some("patience"))).await.expect("the third attempt succeeds");
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="flow",target="act",connection_type="call"} 1
            tta_connections_total{source="flow",target="act",connection_type="retry"} 2
            tta_connections_total{source="flow",target="patience",connection_type="call"} 1
            tta_connections_total{source="patience",target="act",connection_type="call"} 1
            tta_connections_total{source="patience",target="act",connection_type="retry"} 2
        "#]],
    );
}

/// attempts = calls + retries + fallbacks, and each attempt has exactly one outcome.
#[tokio::test(start_paused = true)]
async fn attempts_equal_calls_plus_retries_plus_fallbacks() {
    let acts =
        [Act::Succeed, Act::Busy, Act::Busy, Act::BusyFor(2), Act::BusyFor(60), Act::Refuse, Act::Panic, Act::Hang];
    for seed in 0..300 {
        let random = &mut fastrand::Rng::with_seed(seed);
        let recording = Recording::in_timer_time();
        let primary = act.with(retry().attempts(random.u32(1..5)).budget(RetryBudget::share(0.3).reserve(2)));
        let second = async |script: Script| act(script).await;
        let flow = primary.with(Fallback::to(second.with(Timeout::after(SECOND).named("second"))));
        #[primitive(type = "workflow")]
        async fn workflow<B: Block<Script, Output = u32, Error = Fault>>(flow: &B, script: Script) -> bool {
            flow.run(script).await.is_ok()
        }
        let calls = random.u64(1..6);
        for _ in 0..calls {
            let script = script((0..8).map(|_| acts[random.usize(..acts.len())]));
            let limit = Duration::from_millis(random.u64(0..20_000));
            let call = recording.scope(workflow(&flow, script));
            drop(timeout(limit, AssertUnwindSafe(call).catch_unwind()).await);
        }
        let edges = |kind: &str| {
            let text = recording.metrics("tta_connections_total");
            let kind = format!("connection_type=\"{kind}\"}} ");
            text.lines().filter_map(|line| line.split_once(&kind)?.1.parse::<u64>().ok()).sum::<u64>()
        };
        let attempts = sum(&recording, "tta_primitive_executions_total{primitive_type=\"tool\"");
        let (retries, fallbacks) = (edges("retry"), sum_of_fallbacks(&recording));
        // A call that was dropped before its first poll made no attempt.
        let begun = sum(&recording, "tta_primitive_executions_total{primitive_type=\"workflow\"");
        assert!(begun <= calls);
        assert_eq!(attempts, begun + retries + fallbacks, "seed {seed}");
        assert_eq!(sum(&recording, "tta_retry_attempts_total"), begun + retries, "seed {seed}");
        let retried = sum(&recording, "tta_retry_attempts_total{primitive_name=\"act\",result=\"retried\"");
        // A retry may have been cancelled during its wait.
        assert!((retries..=retries + begun).contains(&retried), "seed {seed}: {retried} and {retries}");
        assert_eq!(sum(&recording, "tta_retry_backoff_seconds_count"), retried, "seed {seed}");
        assert_eq!(sum(&recording, "tta_primitive_active"), 0);
    }
}

/// Returns the number of edges to fallbacks.
fn sum_of_fallbacks(recording: &Recording) -> u64 {
    sum(recording, "tta_connections_total{source=\"workflow\",target=\"second\",connection_type=\"fallback\"")
}
