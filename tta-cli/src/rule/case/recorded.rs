//! Test cases of recording rules: two instances, of which one has more traffic and the other more errors.

use super::row::RecordingCase;
use crate::rule::recording::{
    budget, cache, circuit_breaker, components, cost, day, edges, errors, evaluations, fallback, latency, models,
    primitives, requests, retry, router, slo, telemetry, timeout, tokens, workflows,
};

/// All cases.
pub static CASES: &[RecordingCase] = &[STEADY, DAY, THREE_DAYS, THIRTY_DAYS];

/// Two hours of steady traffic. Per second, `chat` has 3 successes, 1 failure and 1 cancelled call, `search` has 4
/// successes, and so on. All rates are sums of powers of two, so that all values are exact.
const STEADY: RecordingCase = RecordingCase {
    interval: "1m",
    at: "2h",
    input: &[
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+120x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="y",primitive_type="llm",primitive_name="chat",action="chat",status="success"}"#,
            "0+60x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="failure"}"#,
            "0+30x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="y",primitive_type="llm",primitive_name="chat",action="chat",status="timeout"}"#,
            "0+15x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="y",primitive_type="llm",primitive_name="chat",action="chat",status="panicked"}"#,
            "0+15x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",action="chat",status="cancelled"}"#,
            "0+60x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="retrieval",primitive_name="search",action="search",status="success"}"#,
            "0+240x120",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_type="retrieval",primitive_name="search",action="search",status="failure"}"#,
            "0+0x120",
        ),
        (r#"tta_evaluation_score_sum{job="j",instance="x",name="faithful"}"#, "0+90x120"),
        (r#"tta_evaluation_score_count{job="j",instance="x",name="faithful"}"#, "0+120x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="x",name="faithful",le="0"}"#, "0+0x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="x",name="faithful",le="0.75"}"#, "0+60x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="x",name="faithful",le="+Inf"}"#, "0+120x120"),
        (r#"tta_evaluation_score_sum{job="j",instance="y",name="faithful"}"#, "0+30x120"),
        (r#"tta_evaluation_score_count{job="j",instance="y",name="faithful"}"#, "0+120x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="y",name="faithful",le="0"}"#, "0+0x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="y",name="faithful",le="0.75"}"#, "0+120x120"),
        (r#"tta_evaluation_score_bucket{job="j",instance="y",name="faithful",le="+Inf"}"#, "0+120x120"),
        (
            r#"tta_primitive_errors_total{job="j",instance="x",primitive_type="llm",primitive_name="chat",error_type="Refused"}"#,
            "0+15x120",
        ),
        (
            r#"tta_primitive_errors_total{job="j",instance="y",primitive_type="llm",primitive_name="chat",error_type="Refused"}"#,
            "0+15x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="1"}"#,
            "0+0x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="2"}"#,
            "0+180x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="x",primitive_type="llm",primitive_name="chat",le="+Inf"}"#,
            "0+180x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="y",primitive_type="llm",primitive_name="chat",le="1"}"#,
            "0+0x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="y",primitive_type="llm",primitive_name="chat",le="2"}"#,
            "0+60x120",
        ),
        (
            r#"tta_execution_duration_seconds_bucket{job="j",instance="y",primitive_type="llm",primitive_name="chat",le="+Inf"}"#,
            "0+60x120",
        ),
        (
            r#"tta_execution_duration_seconds_sum{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
            "0+240x120",
        ),
        (
            r#"tta_execution_duration_seconds_sum{job="j",instance="y",primitive_type="llm",primitive_name="chat"}"#,
            "0+120x120",
        ),
        (
            r#"tta_execution_duration_seconds_count{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#,
            "0+180x120",
        ),
        (
            r#"tta_execution_duration_seconds_count{job="j",instance="y",primitive_type="llm",primitive_name="chat"}"#,
            "0+60x120",
        ),
        (r#"tta_primitive_active{job="j",instance="x",primitive_type="llm",primitive_name="chat"}"#, "3+0x120"),
        (r#"tta_primitive_active{job="j",instance="y",primitive_type="llm",primitive_name="chat"}"#, "4+0x120"),
        (
            r#"tta_connections_total{job="j",instance="x",source="plan",target="chat",connection_type="call"}"#,
            "0+60x120",
        ),
        (
            r#"tta_connections_total{job="j",instance="y",source="plan",target="chat",connection_type="call"}"#,
            "0+60x120",
        ),
        (r#"tta_workflow_executions_total{job="j",instance="x",workflow_name="answer",status="success"}"#, "0+30x120"),
        (r#"tta_workflow_executions_total{job="j",instance="y",workflow_name="answer",status="success"}"#, "0+15x120"),
        (r#"tta_workflow_executions_total{job="j",instance="y",workflow_name="answer",status="failure"}"#, "0+15x120"),
        (
            r#"tta_workflow_executions_total{job="j",instance="y",workflow_name="answer",status="cancelled"}"#,
            "0+30x120",
        ),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="answer",le="2"}"#, "0+0x120"),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="answer",le="4"}"#, "0+60x120"),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="answer",le="+Inf"}"#, "0+60x120"),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="quick",le="1"}"#, "0+0x120"),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="quick",le="2"}"#, "0+60x120"),
        (r#"tta_workflow_duration_seconds_bucket{job="j",instance="x",workflow_name="quick",le="+Inf"}"#, "0+60x120"),
        (r#"tta_workflow_cost_usd_bucket{job="j",instance="x",workflow_name="answer",le="0.5"}"#, "0+0x120"),
        (r#"tta_workflow_cost_usd_bucket{job="j",instance="x",workflow_name="answer",le="1"}"#, "0+60x120"),
        (r#"tta_workflow_cost_usd_bucket{job="j",instance="x",workflow_name="answer",le="+Inf"}"#, "0+60x120"),
        (r#"tta_workflow_cost_usd_sum{job="j",instance="x",workflow_name="answer"}"#, "0+45x120"),
        (r#"tta_workflow_cost_usd_count{job="j",instance="x",workflow_name="answer"}"#, "0+60x120"),
        (r#"tta_llm_prices_age_seconds{job="j",instance="x",source="file"}"#, "86400+0x120"),
        (r#"tta_llm_prices_age_seconds{job="j",instance="x",source="url"}"#, "3600+0x120"),
        (r#"tta_llm_prices_age_seconds{job="j",instance="y",source="url"}"#, "60+0x120"),
        (r#"tta_workflows_active{job="j",instance="x",workflow_name="answer",agent_type="writer"}"#, "2+0x120"),
        (r#"tta_workflows_active{job="j",instance="y",workflow_name="answer",agent_type="writer"}"#, "5+0x120"),
        (
            r#"tta_llm_requests_total{job="j",instance="x",provider="openai",model="gpt-4o",status="success"}"#,
            "0+180x120",
        ),
        (
            r#"tta_llm_requests_total{job="j",instance="y",provider="openai",model="gpt-4o",status="failure"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_requests_total{job="j",instance="y",provider="openai",model="gpt-4o",status="cancelled"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_request_duration_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="2"}"#,
            "0+0x120",
        ),
        (
            r#"tta_llm_request_duration_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="4"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_request_duration_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="+Inf"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_tokens_total{job="j",instance="x",provider="openai",model="gpt-4o",token_type="input"}"#,
            "0+3840x120",
        ),
        (
            r#"tta_llm_tokens_total{job="j",instance="x",provider="openai",model="gpt-4o",token_type="cached_input"}"#,
            "0+960x120",
        ),
        (
            r#"tta_llm_tokens_total{job="j",instance="y",provider="openai",model="gpt-4o",token_type="cached_input"}"#,
            "0+960x120",
        ),
        (
            r#"tta_llm_tokens_total{job="j",instance="x",provider="openai",model="gpt-4o",token_type="cache_write"}"#,
            "0+1920x120",
        ),
        (
            r#"tta_llm_tokens_total{job="j",instance="x",provider="openai",model="gpt-4o",token_type="output"}"#,
            "0+3840x120",
        ),
        (
            r#"tta_llm_cost_total{job="j",instance="x",provider="openai",model="gpt-4o",workflow_name="answer",agent_type="writer"}"#,
            "0+15x120",
        ),
        (
            r#"tta_llm_cost_total{job="j",instance="y",provider="openai",model="gpt-4o",workflow_name="answer",agent_type="writer"}"#,
            "0+15x120",
        ),
        (r#"tta_llm_savings_total{job="j",instance="x",provider="openai",model="gpt-4o",source="router"}"#, "0+15x120"),
        (r#"tta_llm_savings_total{job="j",instance="y",provider="openai",model="gpt-4o",source="cache"}"#, "0+15x120"),
        (
            r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
            "0+60x120",
        ),
        (
            r#"tta_cache_operations_total{job="j",instance="y",primitive_name="notes",cache_type="memory",operation="hit"}"#,
            "0+60x120",
        ),
        (
            r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="miss"}"#,
            "0+60x120",
        ),
        (
            r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="coalesced"}"#,
            "0+30x120",
        ),
        (
            r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="error"}"#,
            "0+30x120",
        ),
        (
            r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="store"}"#,
            "0+60x120",
        ),
        (
            r#"tta_cache_latency_seconds_bucket{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit",le="0.5"}"#,
            "0+0x120",
        ),
        (
            r#"tta_cache_latency_seconds_bucket{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit",le="1"}"#,
            "0+60x120",
        ),
        (
            r#"tta_cache_latency_seconds_bucket{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit",le="+Inf"}"#,
            "0+60x120",
        ),
        (r#"tta_cache_entries{job="j",instance="x",primitive_name="notes"}"#, "3+0x120"),
        (r#"tta_cache_entries{job="j",instance="y",primitive_name="notes"}"#, "4+0x120"),
        (
            r#"tta_router_decisions_total{job="j",instance="x",primitive_name="write",route="fast",reason="chosen"}"#,
            "0+120x120",
        ),
        (
            r#"tta_router_decisions_total{job="j",instance="y",primitive_name="write",route="fast",reason="chosen"}"#,
            "0+60x120",
        ),
        (
            r#"tta_router_decisions_total{job="j",instance="y",primitive_name="write",route="fast",reason="default"}"#,
            "0+60x120",
        ),
        (r#"tta_router_errors_total{job="j",instance="y",primitive_name="write",route="fast"}"#, "0+60x120"),
        (
            r#"tta_router_duration_seconds_bucket{job="j",instance="x",primitive_name="write",route="fast",le="2"}"#,
            "0+0x120",
        ),
        (
            r#"tta_router_duration_seconds_bucket{job="j",instance="x",primitive_name="write",route="fast",le="4"}"#,
            "0+60x120",
        ),
        (
            r#"tta_router_duration_seconds_bucket{job="j",instance="x",primitive_name="write",route="fast",le="+Inf"}"#,
            "0+60x120",
        ),
        (r#"tta_telemetry_spans_ended_total{job="j",instance="x"}"#, "0+180x120"),
        (r#"tta_telemetry_spans_ended_total{job="j",instance="y"}"#, "0+60x120"),
        (r#"tta_telemetry_spans_dropped_total{job="j",instance="y",reason="queue_full"}"#, "0+30x120"),
        (r#"tta_telemetry_exports_total{job="j",instance="x",signal="traces",result="ok"}"#, "0+60x120"),
        (r#"tta_telemetry_exports_total{job="j",instance="y",signal="traces",result="error"}"#, "0+60x120"),
        (
            r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
            "0+540x120",
        ),
        (
            r#"tta_slo_events_total{job="j",instance="y",primitive_name="chat",slo="availability",outcome="bad"}"#,
            "0+180x120",
        ),
        (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.5+0x120"),
        (r#"tta_slo_objective_ratio{job="j",instance="y",primitive_name="chat",slo="availability"}"#, "0.25+0x120"),
        (r#"tta_timeout_total{job="j",instance="x",primitive_name="b",result="in_time"}"#, "0+120x120"),
        (r#"tta_timeout_total{job="j",instance="x",primitive_name="b",result="late"}"#, "0+60x120"),
        (r#"tta_timeout_total{job="j",instance="y",primitive_name="b",result="timed_out"}"#, "0+60x120"),
        (r#"tta_timeout_duration_seconds_bucket{job="j",instance="x",primitive_name="b",le="2"}"#, "0+0x120"),
        (r#"tta_timeout_duration_seconds_bucket{job="j",instance="x",primitive_name="b",le="4"}"#, "0+60x120"),
        (r#"tta_timeout_duration_seconds_bucket{job="j",instance="x",primitive_name="b",le="+Inf"}"#, "0+60x120"),
        (r#"tta_retry_backoff_seconds_bucket{job="j",instance="x",primitive_name="b",le="2"}"#, "0+0x120"),
        (r#"tta_retry_backoff_seconds_bucket{job="j",instance="x",primitive_name="b",le="4"}"#, "0+60x120"),
        (r#"tta_retry_backoff_seconds_bucket{job="j",instance="x",primitive_name="b",le="+Inf"}"#, "0+60x120"),
        (r#"tta_retry_attempts_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+180x120"),
        (r#"tta_retry_attempts_total{job="j",instance="y",primitive_name="b",result="retried"}"#, "0+60x120"),
        (r#"tta_fallback_total{job="j",instance="x",primitive_name="b",used="primary"}"#, "0+180x120"),
        (r#"tta_fallback_total{job="j",instance="y",primitive_name="b",used="other"}"#, "0+30x120"),
        (r#"tta_fallback_total{job="j",instance="y",primitive_name="b",used="none"}"#, "0+30x120"),
        (r#"tta_circuit_breaker_state{job="j",instance="x",primitive_name="b"}"#, "0+0x120"),
        (r#"tta_circuit_breaker_state{job="j",instance="y",primitive_name="b"}"#, "2+0x120"),
        (r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="permitted"}"#, "0+180x120"),
        (r#"tta_circuit_breaker_calls_total{job="j",instance="x",primitive_name="b",result="success"}"#, "0+180x120"),
        (r#"tta_circuit_breaker_calls_total{job="j",instance="y",primitive_name="b",result="rejected"}"#, "0+60x120"),
        (
            r#"tta_circuit_breaker_transitions_total{job="j",instance="x",primitive_name="b",from="closed",to="open"}"#,
            "0+30x120",
        ),
        (
            r#"tta_circuit_breaker_transitions_total{job="j",instance="y",primitive_name="b",from="closed",to="open"}"#,
            "0+15x120",
        ),
        (
            r#"tta_circuit_breaker_state_seconds_total{job="j",instance="x",primitive_name="b",state="closed"}"#,
            "0+60x120",
        ),
        (
            r#"tta_circuit_breaker_state_seconds_total{job="j",instance="y",primitive_name="b",state="open"}"#,
            "0+60x120",
        ),
        (r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "3+0x120"),
        (r#"tta_budget_remaining_usd{job="j",instance="y",budget="day"}"#, "2.5+0x120"),
        (
            r#"tta_llm_time_to_first_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="2"}"#,
            "0+0x120",
        ),
        (
            r#"tta_llm_time_to_first_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="4"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_time_to_first_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="+Inf"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_time_per_output_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="2"}"#,
            "0+0x120",
        ),
        (
            r#"tta_llm_time_per_output_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="4"}"#,
            "0+60x120",
        ),
        (
            r#"tta_llm_time_per_output_token_seconds_bucket{job="j",instance="x",provider="openai",model="gpt-4o",le="+Inf"}"#,
            "0+60x120",
        ),
    ],
    rules: &[
        (
            &timeout::RATE,
            &[
                (r#"{job="j",primitive_name="b",result="in_time"}"#, 2.0),
                (r#"{job="j",primitive_name="b",result="late"}"#, 1.0),
                (r#"{job="j",primitive_name="b",result="timed_out"}"#, 1.0),
            ],
        ),
        (&timeout::DURATION_P95, &[(r#"{job="j",primitive_name="b"}"#, 3.9)]),
        (&retry::BACKOFF_P95, &[(r#"{job="j",primitive_name="b"}"#, 3.9)]),
        (
            &fallback::RATE,
            &[
                (r#"{job="j",primitive_name="b",used="primary"}"#, 3.0),
                (r#"{job="j",primitive_name="b",used="other"}"#, 0.5),
                (r#"{job="j",primitive_name="b",used="none"}"#, 0.5),
            ],
        ),
        (
            &circuit_breaker::CALLS,
            &[
                (r#"{job="j",primitive_name="b",result="permitted"}"#, 3.0),
                (r#"{job="j",primitive_name="b",result="success"}"#, 3.0),
                (r#"{job="j",primitive_name="b",result="rejected"}"#, 1.0),
            ],
        ),
        (&circuit_breaker::TRANSITIONS, &[(r#"{job="j",primitive_name="b",from="closed",to="open"}"#, 0.75)]),
        (&timeout::RATIO, &[(r#"{job="j",primitive_name="b"}"#, 0.25)]),
        (&retry::RATIO, &[(r#"{job="j",primitive_name="b"}"#, 0.25)]),
        (&fallback::RATIO, &[(r#"{job="j",primitive_name="b"}"#, 0.25)]),
        (&circuit_breaker::STATE, &[(r#"{job="j",primitive_name="b"}"#, 2.0)]),
        (&circuit_breaker::REJECTED, &[(r#"{job="j",primitive_name="b"}"#, 0.25)]),
        (
            &retry::RATE,
            &[
                (r#"{job="j",primitive_name="b",result="success"}"#, 3.0),
                (r#"{job="j",primitive_name="b",result="retried"}"#, 1.0),
            ],
        ),
        (
            &circuit_breaker::TIME,
            &[
                (r#"{job="j",primitive_name="b",state="closed"}"#, 0.5),
                (r#"{job="j",primitive_name="b",state="open"}"#, 0.5),
            ],
        ),
        (&budget::REMAINING, &[(r#"{job="j",budget="day"}"#, 2.5)]),
        (&models::FIRST_TOKEN_P95, &[(MODEL, 3.9)]),
        (&models::OUTPUT_TOKEN_P95, &[(MODEL, 3.9)]),
        (&evaluations::AVERAGE, &[(FAITHFUL, 0.5)]),
        (&evaluations::P10, &[(FAITHFUL, 0.1)]),
        (&evaluations::RATE, &[(FAITHFUL, 4.0)]),
        (&requests::REQUEST_RATE, &[(r#"{job="j"}"#, 9.0)]),
        (&requests::SUCCESS_RATE, &[(r#"{job="j"}"#, 0.875)]),
        (&requests::ERROR_RATE, &[(r#"{job="j"}"#, 0.125)]),
        (&primitives::RATE, &[(CHAT, 5.0), (SEARCH, 4.0)]),
        (
            &primitives::RATE_BY_STATUS,
            &[
                (r#"{job="j",primitive_type="llm",primitive_name="chat",status="success"}"#, 3.0),
                (r#"{job="j",primitive_type="llm",primitive_name="chat",status="failure"}"#, 0.5),
                (r#"{job="j",primitive_type="llm",primitive_name="chat",status="timeout"}"#, 0.25),
                (r#"{job="j",primitive_type="llm",primitive_name="chat",status="panicked"}"#, 0.25),
                (r#"{job="j",primitive_type="llm",primitive_name="chat",status="cancelled"}"#, 1.0),
                (r#"{job="j",primitive_type="retrieval",primitive_name="search",status="success"}"#, 4.0),
                (r#"{job="j",primitive_type="retrieval",primitive_name="search",status="failure"}"#, 0.0),
            ],
        ),
        (&primitives::ACTIVE, &[(CHAT, 7.0)]),
        (&primitives::CONCURRENCY, &[(CHAT, 6.0)]),
        (&latency::P50, &[(CHAT, 1.5)]),
        (&latency::P95, &[(CHAT, 1.95)]),
        (&latency::P99, &[(CHAT, 1.99)]),
        (&latency::AVERAGE, &[(CHAT, 1.5)]),
        (&latency::P95_1H, &[(CHAT, 1.95)]),
        (&errors::RATIO, &[(CHAT, 0.25), (SEARCH, 0.0)]),
        (
            &errors::RATE_BY_TYPE,
            &[(r#"{job="j",primitive_type="llm",primitive_name="chat",error_type="Refused"}"#, 0.5)],
        ),
        (&edges::RATE, &[(r#"{job="j",source="plan",target="chat",connection_type="call"}"#, 2.0)]),
        (&workflows::RATE, &[(ANSWER, 1.5)]),
        (&workflows::SUCCESS_RATE, &[(ANSWER, 0.75)]),
        (&workflows::DURATION_P95, &[(ANSWER, 3.9), (r#"{job="j",workflow_name="quick"}"#, 1.95)]),
        (&workflows::SLOWEST_P95, &[(r#"{job="j"}"#, 3.9)]),
        (&workflows::ACTIVE, &[(r#"{job="j",workflow_name="answer",agent_type="writer"}"#, 7.0)]),
        (&workflows::ERROR_RATIO_1H, &[(ANSWER, 0.25)]),
        (
            &models::RATE,
            &[
                (r#"{job="j",provider="openai",model="gpt-4o",status="success"}"#, 3.0),
                (r#"{job="j",provider="openai",model="gpt-4o",status="failure"}"#, 1.0),
                (r#"{job="j",provider="openai",model="gpt-4o",status="cancelled"}"#, 1.0),
            ],
        ),
        (&models::ERROR_RATIO, &[(MODEL, 0.25)]),
        (&models::DURATION_P95, &[(MODEL, 3.9)]),
        (
            &tokens::RATE,
            &[
                (r#"{job="j",provider="openai",model="gpt-4o",token_type="input"}"#, 64.0),
                (r#"{job="j",provider="openai",model="gpt-4o",token_type="cached_input"}"#, 32.0),
                (r#"{job="j",provider="openai",model="gpt-4o",token_type="cache_write"}"#, 32.0),
                (r#"{job="j",provider="openai",model="gpt-4o",token_type="output"}"#, 64.0),
            ],
        ),
        (&tokens::JOB_RATE, &[(r#"{job="j"}"#, 192.0)]),
        (&tokens::JOB_RATE_1H, &[(r#"{job="j"}"#, 192.0)]),
        (&tokens::PROMPT_CACHE_RATIO, &[(MODEL, 0.25)]),
        (&cost::PER_HOUR, &[(r#"{job="j"}"#, 1_800.0)]),
        (&cost::RATE_BY_MODEL, &[(MODEL, 0.5)]),
        (&cost::RATE_BY_WORKFLOW, &[(r#"{job="j",workflow_name="answer",agent_type="writer"}"#, 0.5)]),
        (&cost::RUN_P95, &[(ANSWER, 0.975)]),
        (&cost::RUN_MEAN, &[(ANSWER, 0.75)]),
        (&cost::PRICES_AGE, &[(r#"{job="j"}"#, 3_600.0)]),
        (&cost::SAVINGS_RATE, &[(r#"{job="j",source="router"}"#, 0.25), (r#"{job="j",source="cache"}"#, 0.25)]),
        (&cost::SAVINGS_RATIO, &[(r#"{job="j",source="router"}"#, 0.25), (r#"{job="j",source="cache"}"#, 0.25)]),
        (&cost::ROUTER_SAVINGS_RATIO, &[(r#"{job="j"}"#, 0.5)]),
        (
            &cache::RATE,
            &[
                (r#"{job="j",primitive_name="notes",cache_type="memory",operation="hit"}"#, 2.0),
                (r#"{job="j",primitive_name="notes",cache_type="memory",operation="miss"}"#, 1.0),
                (r#"{job="j",primitive_name="notes",cache_type="memory",operation="coalesced"}"#, 0.5),
                (r#"{job="j",primitive_name="notes",cache_type="memory",operation="error"}"#, 0.5),
                (r#"{job="j",primitive_name="notes",cache_type="memory",operation="store"}"#, 1.0),
            ],
        ),
        (&cache::HIT_RATE, &[(r#"{job="j",primitive_name="notes",cache_type="memory"}"#, 0.5)]),
        (&cache::LATENCY_P95, &[(r#"{job="j",primitive_name="notes",cache_type="memory"}"#, 0.975)]),
        (&cache::ENTRIES, &[(r#"{job="j",primitive_name="notes"}"#, 7.0)]),
        (
            &router::RATE,
            &[
                (r#"{job="j",primitive_name="write",route="fast",reason="chosen"}"#, 3.0),
                (r#"{job="j",primitive_name="write",route="fast",reason="default"}"#, 1.0),
            ],
        ),
        (&router::ERROR_RATIO, &[(r#"{job="j",primitive_name="write",route="fast"}"#, 0.25)]),
        (&router::DURATION_P95, &[(r#"{job="j",primitive_name="write",route="fast"}"#, 3.9)]),
        (&telemetry::SPAN_LOSS, &[(r#"{job="j"}"#, 0.125)]),
        (
            &telemetry::EXPORTS,
            &[(r#"{job="j",signal="traces",result="ok"}"#, 1.0), (r#"{job="j",signal="traces",result="error"}"#, 1.0)],
        ),
        (&slo::errors::RATIO_5M, &[(OBJECTIVE, 0.25)]),
        (&slo::errors::RATIO_30M, &[(OBJECTIVE, 0.25)]),
        (&slo::errors::RATIO_1H, &[(OBJECTIVE, 0.25)]),
        (&slo::errors::RATIO_2H, &[(OBJECTIVE, 0.25)]),
        (&slo::budget::EVENTS, &[(OBJECTIVE, 12.0)]),
        (&slo::budget::BAD_EVENTS, &[(OBJECTIVE, 3.0)]),
        (&slo::budget::OBJECTIVE, &[(OBJECTIVE, 0.5)]),
        (&slo::budget::ALLOWED, &[(OBJECTIVE, 0.5)]),
        (&slo::budget::BURN, &[(OBJECTIVE, 0.5)]),
    ],
};

const CHAT: &str = r#"{job="j",primitive_type="llm",primitive_name="chat"}"#;
const SEARCH: &str = r#"{job="j",primitive_type="retrieval",primitive_name="search"}"#;
const ANSWER: &str = r#"{job="j",workflow_name="answer"}"#;
const FAITHFUL: &str = r#"{job="j",name="faithful"}"#;
const MODEL: &str = r#"{job="j",provider="openai",model="gpt-4o"}"#;
const OBJECTIVE: &str = r#"{job="j",primitive_name="chat",slo="availability"}"#;

/// Twenty-six hours; traffic grows by half after the second hour.
const DAY: RecordingCase = RecordingCase {
    interval: "30m",
    at: "26h",
    input: &[
        (
            r#"tta_primitive_executions_total{job="j",instance="x",primitive_name="chat",status="success"}"#,
            "0+32x120 3888+48x1439",
        ),
        (
            r#"tta_primitive_executions_total{job="j",instance="y",primitive_name="chat",status="failure"}"#,
            "0+32x120 3888+48x1439",
        ),
        (r#"tta_llm_savings_total{job="j",instance="x",source="router"}"#, "0+15x1560"),
        (r#"tta_llm_savings_total{job="j",instance="y",source="cache"}"#, "0+15x1560"),
        (r#"tta_llm_cost_total{job="j",instance="x",model="a"}"#, "0+30x1560"),
        (r#"tta_llm_cost_total{job="j",instance="y",model="b"}"#, "0+30x1560"),
        (r#"tta_component_stage{job="ci",instance="x",component="cache"}"#, "2+0x1560"),
        (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="coverage"}"#, "1+0x1560"),
        (r#"tta_component_gate_passed{job="ci",instance="x",component="cache",gate="complexity"}"#, "0+0x1560"),
    ],
    rules: &[
        (&day::EXECUTIONS, &[(r#"{job="j"}"#, 138_240.0)]),
        (&day::SAVINGS, &[(r#"{job="j"}"#, 43_200.0)]),
        (&day::COST, &[(r#"{job="j"}"#, 86_400.0)]),
        (&day::GROWTH, &[(r#"{job="j"}"#, 0.5)]),
        (&components::STAGE, &[(r#"{job="ci",component="cache"}"#, 2.0)]),
        (&components::GATES, &[(r#"{job="ci",component="cache"}"#, 0.5)]),
    ],
};

/// Three days with an hour of traffic in each window: three in four events are bad in the third day, all in the first, one in four
/// in the past six hours.
const THREE_DAYS: RecordingCase = RecordingCase {
    interval: "30m",
    at: "73h",
    input: &[
        (
            r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
            "1000+0x3599 1000+60x60 4600+0x538 4600+180x60 15400+0x180",
        ),
        (
            r#"tta_slo_events_total{job="j",instance="y",primitive_name="chat",slo="availability",outcome="bad"}"#,
            "1000+0x119 1000+480x60 29800+0x3418 29800+180x60 40600+0x538 40600+60x60 44200+0x180",
        ),
    ],
    rules: &[
        (&slo::errors::RATIO_6H, &[(OBJECTIVE, 0.25)]),
        (&slo::errors::RATIO_1D, &[(OBJECTIVE, 0.5)]),
        (&slo::errors::RATIO_3D, &[(OBJECTIVE, 0.75)]),
    ],
};

/// Thirty-one days, with eight busy hours in which one event in 16 is bad, and sixteen hours with half the traffic in which all
/// events are bad. The average of the hourly ratios would be 0.6875, which is wrong.
const THIRTY_DAYS: RecordingCase = RecordingCase {
    interval: "1h",
    at: "31d",
    input: &[
        (
            r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
            "0+0x7199 0+900x480 432000+0x36960",
        ),
        (
            r#"tta_slo_events_total{job="j",instance="y",primitive_name="chat",slo="availability",outcome="bad"}"#,
            "0+0x7199 0+60x480 28800+0x6718 28800+480x960 489600+0x29280",
        ),
        (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.5+0x44640"),
        (r#"tta_component_coverage_ratio{job="ci",instance="x",component="cache"}"#, "0.5+0x40320 0.75+0x4319"),
    ],
    rules: &[
        (&slo::budget::EVENTS_30D, &[(OBJECTIVE, 7_680.0)]),
        (&slo::budget::RATIO_30D, &[(OBJECTIVE, 0.531_25)]),
        (&slo::budget::REMAINING, &[(OBJECTIVE, -0.0625)]),
        (&components::COVERAGE_TREND, &[(r#"{job="ci",component="cache"}"#, 0.25)]),
    ],
};
