//! The metric names that older TTA dashboards query.
//!
//! Where generations of dashboards differ in a suffix, both spellings exist. `job` comes from the scrape. Older versions
//! recorded money by primitive, this one by model: the label `category`, and `route` of the router's savings, hold the
//! requested model.

use super::{Instrument, Labels, Number, Others, Selection};
use crate::schema::Id;
use crate::snapshot::RowKind;

/// Keeps these labels under new names, and adds up series that differ in other labels.
const fn only(renamed: &'static [(&'static str, &'static str)]) -> Labels {
    Labels { renamed, others: Others::Go }
}

const fn counter(name: &'static str, help: &'static str, labels: Labels, parts: &'static [Selection]) -> Instrument {
    Instrument { name, kind: RowKind::Counter, unit: "", help, labels, number: Number::Sum(parts) }
}

const fn gauge(name: &'static str, help: &'static str, labels: Labels, number: Number) -> Instrument {
    Instrument { name, kind: RowKind::Gauge, unit: "", help, labels, number }
}

const fn histogram(
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    labels: Labels,
    parts: &'static [Selection],
) -> Instrument {
    Instrument { name, kind: RowKind::Histogram, unit, help, labels, number: Number::Sum(parts) }
}

const NONE: Labels = only(&[]);
const PRIMITIVE: Labels = only(&[("primitive_name", "primitive_name"), ("primitive_type", "primitive_type")]);
const SLO: Labels = only(&[("primitive_name", "primitive_name"), ("slo", "slo_name")]);
const CACHE: Labels = only(&[("primitive_name", "primitive_name"), ("cache_type", "cache_type")]);
const OPERATION: Labels = only(&[("primitive_name", "operation")]);
const ROUTE: Labels = only(&[("route", "route")]);
const STATUS: Labels =
    only(&[("primitive_type", "primitive_type"), ("primitive_name", "primitive_name"), ("status", "execution_status")]);
const EDGE: Labels =
    only(&[("source", "source_primitive"), ("target", "target_primitive"), ("connection_type", "connection_type")]);

const EXECUTIONS: &[Selection] = &[Selection::all(Id::PrimitiveExecutions)];
const DURATIONS: &[Selection] = &[Selection::all(Id::ExecutionDuration)];
const CONNECTIONS: &[Selection] = &[Selection::all(Id::Connections)];
const HITS: &[Selection] = &[Selection::only(Id::CacheOperations, &[("operation", &["hit"])])];
const MISSES: &[Selection] = &[Selection::only(Id::CacheOperations, &[("operation", &["miss"])])];
const LOOKUPS: &[Selection] =
    &[Selection::only(Id::CacheOperations, &[("operation", &["hit", "miss", "coalesced", "error"])])];
const TIMED_OUT: &[Selection] = &[Selection::only(Id::Timeouts, &[("result", &["timed_out"])])];
const GOOD: &[Selection] = &[Selection::only(Id::SloEvents, &[("outcome", &["good"])])];
const EVENTS: &[Selection] = &[Selection::all(Id::SloEvents)];
const SAVED_BY_CACHE: &[Selection] = &[Selection::only(Id::LlmSavings, &[("source", &["cache"])])];
const SAVED_BY_ROUTER: &[Selection] = &[Selection::only(Id::LlmSavings, &[("source", &["router"])])];

const ENDED: &str = "Calls that ended, by outcome: success, failure, timeout, cancelled or panicked.";
const TOOK: &str = "Time from a call's start to its end, whatever the outcome.";
const EDGES: &str = "Calls from one primitive to another: the edges of the service map.";
const ANSWERED: &str = "Look-ups that the cache answered.";
const LOOKED_UP: &str = "Look-ups, whatever came of them.";
const COMPLIANCE: &str = "Share of the calls that met the objective, of those that it is about.";

#[rustfmt::skip]
pub(super) const INSTRUMENTS: &[Instrument] = &[
    // Workflows, primitives and money, as the first dashboards query them.
    counter("tta_workflow_executions_total", "Workflows that ended, by outcome.", only(&[("workflow_name", "workflow_name"), ("status", "status")]), &[Selection::all(Id::WorkflowExecutions)]),
    counter("tta_primitive_executions_total", ENDED, only(&[("primitive_type", "primitive_type"), ("primitive_name", "primitive_name"), ("status", "status")]), EXECUTIONS),
    Instrument { unit: "{USD}", ..counter("tta_llm_cost_total", "Cost of the tokens used, in US dollars.", only(&[("model", "model"), ("provider", "provider")]), &[Selection::all(Id::LlmCost)]) },
    histogram("tta_execution_duration_seconds", "s", TOOK, only(&[("primitive_type", "primitive_type")]), DURATIONS),
    counter("tta_cache_operations_total", "What the cache did.", only(&[("operation", "operation"), ("primitive_name", "primitive")]), &[Selection::all(Id::CacheOperations)]),
    counter("tta_cache_hits_total", ANSWERED, CACHE, HITS),
    counter("tta_cache_misses_total", "Look-ups that the cache could not answer.", CACHE, MISSES),
    // OpenTelemetry's instruments, with and without the suffixes that exporters add.
    counter("primitive_execution_count", ENDED, STATUS, EXECUTIONS),
    counter("primitive_execution_count_total", ENDED, STATUS, EXECUTIONS),
    histogram("primitive_execution_duration", "ms", TOOK, PRIMITIVE, DURATIONS),
    histogram("primitive_execution_duration_milliseconds", "ms", TOOK, PRIMITIVE, DURATIONS),
    counter("primitive_connection_count", EDGES, EDGE, CONNECTIONS),
    counter("primitive_connection_count_total", EDGES, EDGE, CONNECTIONS),
    counter("llm_tokens_total", "Tokens used, no token of two types.", only(&[("provider", "llm_provider"), ("model", "llm_model_name"), ("token_type", "llm_token_type")]), &[Selection::all(Id::LlmTokens)]),
    counter("cache_hits", ANSWERED, CACHE, HITS),
    counter("cache_total", LOOKED_UP, CACHE, LOOKUPS),
    gauge("agent_workflows_active", "Workflows in progress.", only(&[("agent_type", "agent_type")]), Number::Sum(&[Selection::all(Id::WorkflowsActive)])),
    gauge("slo_compliance", COMPLIANCE, SLO, Number::Share { of: GOOD, among: EVENTS }),
    // Percentiles, throughput, objectives and cost.
    histogram("primitive_duration_seconds", "s", TOOK, PRIMITIVE, DURATIONS),
    counter("primitive_requests_total", ENDED, only(&[("primitive_name", "primitive_name"), ("primitive_type", "primitive_type"), ("status", "status")]), EXECUTIONS),
    gauge("primitive_active_requests", "Calls in progress.", PRIMITIVE, Number::Sum(&[Selection::all(Id::PrimitiveActive)])),
    gauge("primitive_requests_per_second", "Calls that ended per second, over the last minute.", PRIMITIVE, Number::Sum(&[Selection::all(Id::PrimitiveRate)])),
    gauge("primitive_slo_compliance", COMPLIANCE, SLO, Number::Share { of: GOOD, among: EVENTS }),
    gauge("primitive_error_budget_remaining", "Share of the error budget that is left, below 0 where the objective is missed.", SLO, Number::BudgetLeft { good: GOOD, events: EVENTS, objective: &[Selection::all(Id::SloObjective)] }),
    counter("primitive_cost_total", "Cost of the tokens used, in US dollars.", only(&[("model", "category")]), &[Selection::all(Id::LlmCost)]),
    counter("primitive_cost_savings", "Cost that was avoided, in US dollars.", only(&[("model", "category")]), &[Selection::all(Id::LlmSavings)]),
    counter("primitive_cost_savings_total", "Cost that was avoided, in US dollars.", only(&[("model", "category")]), &[Selection::all(Id::LlmSavings)]),
    // Routers.
    counter("router_decisions_total", "Routes taken, and why.", only(&[("route", "route"), ("reason", "reason")]), &[Selection::all(Id::RouterDecisions)]),
    histogram("router_execution_seconds", "s", "Time from a router's start to the end of the route it took.", ROUTE, &[Selection::all(Id::RouterDuration)]),
    counter("router_cost_savings_usd", "Cost that routes to cheaper models avoided.", only(&[("model", "route")]), SAVED_BY_ROUTER),
    counter("router_errors_total", "Routed calls that ended in an error.", ROUTE, &[Selection::all(Id::RouterErrors)]),
    // Caches.
    counter("cache_hits_total", ANSWERED, CACHE, HITS),
    counter("cache_misses_total", "Look-ups that the cache could not answer.", CACHE, MISSES),
    gauge("cache_hit_rate", "Share of the look-ups that the cache answered.", CACHE, Number::Share { of: HITS, among: LOOKUPS }),
    histogram("cache_latency_seconds", "s", "Time of the look-up alone.", NONE, &[
        Selection { metric: Id::CacheLatency, only: &[("operation", &["hit"])], except: &[], set: &[("hit", "true")] },
        Selection { metric: Id::CacheLatency, only: &[("operation", &["miss"])], except: &[], set: &[("hit", "false")] },
    ]),
    counter("cache_cost_savings_usd", "Cost that answers from a cache avoided.", NONE, SAVED_BY_CACHE),
    // Timeouts; a call that ends within the grace period succeeds.
    counter("timeout_successes_total", "Calls under a time limit that ended.", OPERATION, &[Selection::only(Id::Timeouts, &[("result", &["in_time", "late"])])]),
    counter("timeout_failures_total", "Calls that a time limit ended.", OPERATION, TIMED_OUT),
    histogram("timeout_execution_seconds", "s", "Time from the start of a call under a time limit to its end.", OPERATION, &[Selection::all(Id::TimeoutDuration)]),
    gauge("timeout_rate", "Share of the calls under a time limit that it ended.", OPERATION, Number::Share { of: TIMED_OUT, among: &[Selection::all(Id::Timeouts)] }),
];
