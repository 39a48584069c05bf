//! Other runtimes than tokio: what works there, and what says that it needs tokio's timers.

use std::time::Duration;

use tta_runtime::block::{Block, BlockError, Cache, CircuitBreaker, Fallback, Parallel, Retry, Router, Timeout};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

#[primitive(type = "tool", name = "on_any_runtime")]
async fn double(number: u32) -> Result<u32, String> {
    futures_util::future::ready(()).await;
    if number == 0 { Err("nothing".to_owned()) } else { Ok(2 * number) }
}

/// Runs each block, and prints what came of it.
async fn all() -> Vec<String> {
    let cached = double.with(Cache::memory(10));
    let guarded = double.with(CircuitBreaker::after_failures(3));
    let helped = double.with(Fallback::to(double));
    let both = Parallel::new("both").branch(double).branch(double);
    let routed = Router::new("routed", |_: &u32| "only").route("only", double);
    let limited = double.with(Timeout::after(Duration::from_secs(1)));
    let retried =
        || double.with(Retry::when(|_: &String| true).backoff(Duration::from_millis(1), Duration::from_millis(1)));
    vec![
        format!("function {:?}", double(1).await),
        format!("cache {:?}", cached.run(1).await),
        format!("circuit breaker {:?}", guarded.run(1).await),
        format!("fallback {:?}", helped.run(0).await.is_err()),
        format!("parallel {:?}", both.run(1).await),
        format!("router {:?}", routed.run(1).await),
        format!("retry without a wait {:?}", retried().run(1).await),
        format!("retry with a wait {:?}", retried().run(0).await),
        format!("timeout {:?}", limited.run(1).await),
    ]
}

const WITHOUT_TIMERS: [&str; 9] = [
    "function Ok(2)",
    "cache Ok(2)",
    "circuit breaker Ok(2)",
    "fallback true",
    "parallel Ok((2, 2))",
    "router Ok(2)",
    "retry without a wait Ok(2)",
    "retry with a wait Err(NoTimer)",
    "timeout Err(NoTimer)",
];

#[test]
fn without_tokio_blocks_that_need_timers_say_so_and_all_others_work() {
    let recording = Recording::new();
    assert_eq!(futures_executor::block_on(recording.scope(all())), WITHOUT_TIMERS);
    assert_eq!(smol::block_on(recording.scope(all())), WITHOUT_TIMERS);
    let bare = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    assert_eq!(bare.block_on(recording.scope(all())), WITHOUT_TIMERS);
    let expected = "no timers here: run the block inside a tokio runtime, built with `enable_time`";
    assert_eq!(BlockError::<String>::NoTimer.to_string(), expected);
}

#[test]
fn with_tokio_s_timers_all_blocks_work() {
    let recording = Recording::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let said = runtime.block_on(recording.scope(all()));
    let expected = ["retry with a wait Err(Exhausted { attempts: 3, last: Inner(\"nothing\") })", "timeout Ok(2)"];
    assert_eq!(said[7..], expected);
}
