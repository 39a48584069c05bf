//! A block declares its series at 0 when it is built, so that a rate sees the first event.

use std::time::Duration;

use expect_test::expect;
use tta_runtime::block::{Block, CircuitBreaker, Retry, Router, Saga, Timeout};
use tta_runtime::testing::Recording;

async fn ask(question: u32) -> Result<u32, String> {
    Ok(question)
}

/// Returns the counts of blocks that were built and have not run.
fn built(build: impl FnOnce()) -> String {
    let recording = Recording::new();
    recording.run(build);
    let metrics =
        ["tta_retry_attempts_total", "tta_timeout_total", "tta_router_", "tta_saga_", "tta_circuit_breaker_"].iter();
    metrics.map(|metric| recording.metrics(metric)).collect()
}

#[test]
fn attempts_start_at_0() {
    expect![[r#"
        tta_retry_attempts_total{primitive_name="ask",result="budget"} 0
        tta_retry_attempts_total{primitive_name="ask",result="cancelled"} 0
        tta_retry_attempts_total{primitive_name="ask",result="deadline"} 0
        tta_retry_attempts_total{primitive_name="ask",result="exhausted"} 0
        tta_retry_attempts_total{primitive_name="ask",result="not_retryable"} 0
        tta_retry_attempts_total{primitive_name="ask",result="panicked"} 0
        tta_retry_attempts_total{primitive_name="ask",result="retried"} 0
        tta_retry_attempts_total{primitive_name="ask",result="success"} 0
        tta_retry_attempts_total{primitive_name="ask",result="timeout"} 0
        tta_retry_attempts_total{primitive_name="ask",result="wait_too_long"} 0
    "#]]
    .assert_eq(&built(|| drop(ask.with(Retry::when(|_| true)))));
}

#[test]
fn time_limits_start_at_0() {
    expect![[r#"
        tta_timeout_total{primitive_name="ask",result="in_time"} 0
        tta_timeout_total{primitive_name="ask",result="late"} 0
        tta_timeout_total{primitive_name="ask",result="timed_out"} 0
    "#]]
    .assert_eq(&built(|| drop(ask.with(Timeout::after(Duration::from_secs(1))))));
}

#[test]
fn routes_start_at_0() {
    expect![[r#"
        tta_router_decisions_total{primitive_name="write",route="fast",reason="chosen"} 0
        tta_router_decisions_total{primitive_name="write",route="quality",reason="choice_failed"} 0
        tta_router_decisions_total{primitive_name="write",route="quality",reason="chosen"} 0
        tta_router_decisions_total{primitive_name="write",route="quality",reason="unknown_key"} 0
        tta_router_errors_total{primitive_name="write",route="fast"} 0
        tta_router_errors_total{primitive_name="write",route="quality"} 0
    "#]]
    .assert_eq(&built(|| {
        drop(Router::new("write", |_: &u32| "fast").route("fast", ask).route("quality", ask).default_route("quality"));
    }));
    expect![[r#"
        tta_router_decisions_total{primitive_name="write",route="fast",reason="cheapest"} 0
        tta_router_decisions_total{primitive_name="write",route="fast",reason="explored"} 0
        tta_router_errors_total{primitive_name="write",route="fast"} 0
    "#]]
    .assert_eq(&built(|| drop(Router::by_cost("write").route("fast", ask))));
}

#[test]
fn circuit_breakers_start_at_0() {
    expect![[r#"
        tta_circuit_breaker_state{primitive_name="ask"} 0
        tta_circuit_breaker_transitions_total{primitive_name="ask",from="closed",to="open"} 0
        tta_circuit_breaker_transitions_total{primitive_name="ask",from="half_open",to="closed"} 0
        tta_circuit_breaker_transitions_total{primitive_name="ask",from="half_open",to="open"} 0
        tta_circuit_breaker_transitions_total{primitive_name="ask",from="open",to="half_open"} 0
        tta_circuit_breaker_calls_total{primitive_name="ask",result="failure"} 0
        tta_circuit_breaker_calls_total{primitive_name="ask",result="neutral"} 0
        tta_circuit_breaker_calls_total{primitive_name="ask",result="permitted"} 0
        tta_circuit_breaker_calls_total{primitive_name="ask",result="rejected"} 0
        tta_circuit_breaker_calls_total{primitive_name="ask",result="success"} 0
        tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="closed"} 0
        tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="half_open"} 0
        tta_circuit_breaker_state_seconds_total{primitive_name="ask",state="open"} 0
    "#]]
    .assert_eq(&built(|| drop(ask.with(CircuitBreaker::after_failures(1)))));
}

#[test]
fn compensations_start_at_0() {
    expect![[r#"
        tta_saga_compensations_total{primitive_name="travel",result="cancelled"} 0
        tta_saga_compensations_total{primitive_name="travel",result="done"} 0
        tta_saga_compensations_total{primitive_name="travel",result="failed"} 0
        tta_saga_compensations_total{primitive_name="travel",result="lost"} 0
        tta_saga_compensations_total{primitive_name="travel",result="panicked"} 0
        tta_saga_compensations_total{primitive_name="travel",result="timeout"} 0
    "#]]
    .assert_eq(&built(|| drop(Saga::new("travel").step(ask, async |_: u32| Ok(())))));
}
