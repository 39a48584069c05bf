//! The circuit breaker.

use std::time::Duration;

use expect_test::expect;
use futures_util::future::join_all;
use tokio::time::{Instant, advance, sleep, timeout};
use tta_runtime::block::{Block, BlockError, CircuitBreaker, CircuitState, Retry, Timeout};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::{check, statuses};

const SECOND: Duration = Duration::from_secs(1);

/// Takes `number` seconds, and fails from 1,000 on.
#[primitive(type = "tool", action = "call")]
async fn ask(number: u64) -> Result<u64, u64> {
    match number {
        99 => std::panic::resume_unwind(Box::new("made up")),
        seconds @ 0..99 => {
            sleep(seconds as u32 * SECOND).await;
            Ok(seconds)
        }
        failing => Err(failing),
    }
}

fn breaker() -> CircuitBreaker<u64> {
    CircuitBreaker::after_failures(3).cool_down(30 * SECOND).neutral(|status| *status == 1_429)
}

#[tokio::test(start_paused = true)]
async fn it_opens_cools_down_and_closes_and_records_each_change() {
    let recording = Recording::in_timer_time();
    let guarded = ask.with(breaker());
    let run = |number| recording.scope(guarded.run(number));
    for _ in 0..2 {
        assert_eq!(run(1_000).await, Err(BlockError::Inner(1_000)));
    }
    // A success in between resets the count; a neutral error does not.
    assert_eq!(run(5).await, Ok(5));
    for number in [1_000, 1_000, 1_429, 1_000] {
        assert_eq!(run(number).await, Err(BlockError::Inner(number)));
    }
    assert_eq!(run(0).await, Err(BlockError::Open { retry_in: 30 * SECOND }));
    advance(20 * SECOND).await;
    assert_eq!(run(0).await, Err(BlockError::Open { retry_in: 10 * SECOND }));
    check(
        &recording,
        "tta_circuit_breaker_state",
        &expect![[r#"
            tta_circuit_breaker_state{primitive_name="ask"} 2
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="closed"} 5
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="half_open"} 0
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="open"} 20
        "#]],
    );
    advance(10 * SECOND).await;
    // After the cool-down the state stays open until the next call.
    assert_eq!(run(1_000).await, Err(BlockError::Inner(1_000)));
    assert_eq!(guarded.breaker().state(), CircuitState::Open);
    advance(30 * SECOND).await;
    assert_eq!(run(1).await, Ok(1));
    assert_eq!(guarded.breaker().state(), CircuitState::Closed);
    advance(8 * SECOND).await;
    check(
        &recording,
        "tta_circuit_breaker",
        &expect![[r#"
            tta_circuit_breaker_state{primitive_name="ask"} 0
            tta_circuit_breaker_transitions_total{primitive_name="ask",from="closed",to="open"} 1
            tta_circuit_breaker_transitions_total{primitive_name="ask",from="half_open",to="closed"} 1
            tta_circuit_breaker_transitions_total{primitive_name="ask",from="half_open",to="open"} 1
            tta_circuit_breaker_transitions_total{primitive_name="ask",from="open",to="half_open"} 2
            tta_circuit_breaker_calls_total{primitive_name="ask",result="failure"} 6
            tta_circuit_breaker_calls_total{primitive_name="ask",result="neutral"} 1
            tta_circuit_breaker_calls_total{primitive_name="ask",result="permitted"} 9
            tta_circuit_breaker_calls_total{primitive_name="ask",result="rejected"} 2
            tta_circuit_breaker_calls_total{primitive_name="ask",result="success"} 2
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="closed"} 13
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="half_open"} 1
            tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="open"} 60
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn of_twenty_concurrent_calls_exactly_the_probes_are_admitted() {
    for probes in [1, 3] {
        let recording = Recording::in_timer_time();
        let breaker = breaker().probes(probes);
        let guarded = ask.with(breaker.clone());
        recording.scope(join_all((0..3).map(|_| guarded.run(1_000)))).await;
        assert_eq!(breaker.state(), CircuitState::Open);
        advance(30 * SECOND).await;
        let results = recording.scope(join_all((0..20).map(|_| guarded.run(1)))).await;
        assert_eq!(results.iter().filter(|result| **result == Ok(1)).count(), probes as usize);
        let rejected = Err(BlockError::Open { retry_in: 30 * SECOND });
        assert_eq!(results.iter().filter(|result| **result == rejected).count(), 20 - probes as usize);
        assert_eq!(breaker.state(), CircuitState::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_or_neutral_probe_frees_its_place() {
    let recording = Recording::in_timer_time();
    let guarded = ask.with(breaker());
    let run = |number| recording.scope(guarded.run(number));
    join_all((0..3).map(|_| run(1_000))).await;
    advance(30 * SECOND).await;
    assert!(timeout(SECOND, run(60)).await.is_err());
    assert_eq!(guarded.breaker().state(), CircuitState::HalfOpen);
    assert_eq!(run(1_429).await, Err(BlockError::Inner(1_429)));
    assert_eq!(guarded.breaker().state(), CircuitState::HalfOpen);
    assert_eq!(run(1).await, Ok(1));
    assert_eq!(guarded.breaker().state(), CircuitState::Closed);
    check(
        &recording,
        "tta_circuit_breaker_calls_total",
        &expect![[r#"
            tta_circuit_breaker_calls_total{primitive_name="ask",result="failure"} 3
            tta_circuit_breaker_calls_total{primitive_name="ask",result="neutral"} 2
            tta_circuit_breaker_calls_total{primitive_name="ask",result="permitted"} 6
            tta_circuit_breaker_calls_total{primitive_name="ask",result="rejected"} 0
            tta_circuit_breaker_calls_total{primitive_name="ask",result="success"} 1
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_probe_delays_the_next_round_by_one_cool_down() {
    let recording = Recording::in_timer_time();
    let guarded = ask.with(breaker());
    let run = |number| recording.scope(guarded.run(number));
    join_all((0..3).map(|_| run(1_000))).await;
    advance(30 * SECOND).await;
    let mut lost = Box::pin(run(90));
    assert!(futures_util::poll!(&mut lost).is_pending());
    std::mem::forget(lost);
    assert_eq!(run(1).await, Err(BlockError::Open { retry_in: 30 * SECOND }));
    advance(30 * SECOND).await;
    assert_eq!(run(1).await, Ok(1));
    assert_eq!(guarded.breaker().state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn panics_and_timeouts_are_failures_and_a_cancelled_call_is_not() {
    let recording = Recording::in_timer_time();
    let guarded = ask.with(CircuitBreaker::after_failures(1));
    let limited = guarded.clone().with(Timeout::after(SECOND));
    let state = || guarded.breaker().state();
    assert!(timeout(SECOND, recording.scope(guarded.run(60))).await.is_err());
    assert_eq!(state(), CircuitState::Closed);
    // The time limit surrounds the circuit breaker.
    assert_eq!(recording.scope(limited.run(60)).await, Err(BlockError::Timeout { limit: SECOND }));
    assert_eq!(state(), CircuitState::Open);
    advance(30 * SECOND).await;
    assert_eq!(recording.scope(limited.run(0)).await, Ok(0));
    assert_eq!(state(), CircuitState::Closed);
    let unwound = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(recording.scope(guarded.run(99))));
    assert!(unwound.await.is_err());
    assert_eq!(state(), CircuitState::Open);
    assert_eq!(statuses(&recording, "ask"), [("success", 1), ("timeout", 1), ("cancelled", 1), ("panicked", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_rate_opens_it() {
    let recording = Recording::in_timer_time();
    let guarded = ask.with(CircuitBreaker::at_failure_rate(0.5, 20 * SECOND, 4));
    let run = |number| recording.scope(guarded.run(number));
    for number in [1_000, 1_000, 0] {
        drop(run(number).await);
    }
    assert_eq!(guarded.breaker().state(), CircuitState::Closed);
    advance(30 * SECOND).await;
    for number in [0, 0, 1_000] {
        drop(run(number).await);
    }
    assert_eq!(guarded.breaker().state(), CircuitState::Closed);
    assert_eq!(run(1_000).await, Err(BlockError::Inner(1_000)));
    assert_eq!(guarded.breaker().state(), CircuitState::Open);
    let start = Instant::now();
    assert!(matches!(run(10).await, Err(BlockError::Open { .. })));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_behind_a_retry_opens_it_too() {
    let breaker = breaker();
    let retry = Retry::when(|_: &u64| true).attempts(2);
    let guarded = ask.with(Timeout::after(SECOND)).with(retry).with(breaker.clone());
    for _ in 0..3 {
        assert!(matches!(guarded.run(60).await, Err(BlockError::Exhausted { attempts: 2, .. })));
    }
    assert_eq!(breaker.state(), CircuitState::Open);
}
