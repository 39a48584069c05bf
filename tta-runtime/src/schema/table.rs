//! The table of all metrics.

use super::genai;
use super::{Kind, Metric, Unit, buckets};

impl Id {
    /// Returns the metric's row.
    #[expect(clippy::indexing_slicing, reason = "the table has one row for each variant")]
    pub(crate) fn metric(self) -> &'static Metric {
        &METRICS[self as usize]
    }
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, unit: Unit::One, labels, own_labels: false, buckets: &[], help, shown: true }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { kind: Kind::Gauge, ..counter(name, labels, help) }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    buckets: &'static [f64],
    help: &'static str,
) -> Metric {
    Metric { kind: Kind::Histogram, unit: Unit::Seconds, buckets, ..counter(name, labels, help) }
}

const fn of_counts(
    name: &'static str,
    labels: &'static [&'static str],
    buckets: &'static [f64],
    help: &'static str,
) -> Metric {
    Metric { unit: Unit::One, ..histogram(name, labels, buckets, help) }
}

const fn with_own_labels(metric: Metric) -> Metric {
    Metric { own_labels: true, ..metric }
}

const fn in_usd(metric: Metric) -> Metric {
    Metric { unit: Unit::Usd, ..metric }
}

const fn in_seconds(metric: Metric) -> Metric {
    Metric { unit: Unit::Seconds, ..metric }
}

const fn from_0_to_1(metric: Metric) -> Metric {
    Metric { unit: Unit::Score, ..metric }
}

const fn in_tokens(metric: Metric) -> Metric {
    Metric { unit: Unit::Tokens, ..metric }
}

const fn for_other_views(metric: Metric) -> Metric {
    Metric { shown: false, ..metric }
}

/// The labels of the histograms in the conventions.
const GENAI_CALL: &[&str] =
    &[genai::OPERATION_NAME, genai::PROVIDER_NAME, genai::REQUEST_MODEL, genai::RESPONSE_MODEL, genai::ERROR_TYPE];

/// The labels of messages of the Model Context Protocol.
const MCP_MESSAGE: &[&str] = &[
    genai::MCP_METHOD_NAME,
    genai::OPERATION_NAME,
    genai::TOOL_NAME,
    genai::PROMPT_NAME,
    genai::MCP_PROTOCOL_VERSION,
    genai::NETWORK_TRANSPORT,
    genai::ERROR_TYPE,
];

/// The labels of the durations of MCP sessions.
const MCP_SESSION: &[&str] = &[genai::MCP_PROTOCOL_VERSION, genai::NETWORK_TRANSPORT, genai::ERROR_TYPE];

/// Defines [`Id`], with a variant for each row, and [`METRICS`], with an entry for each row.
macro_rules! table {
    ($($id:ident = $metric:expr;)*) => {
        /// The identifier of a row of [`METRICS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Id {
            $($id,)*
        }

        impl Id {
            /// All metrics, in the order of [`METRICS`].
            pub(crate) const ALL: &[Self] = &[$(Self::$id),*];
        }

        /// All metrics, in the order in which they are exposed.
        pub static METRICS: &[Metric] = &[$($metric),*];
    };
}

table! {
    PrimitiveExecutions = with_own_labels(counter(
        "tta_primitive_executions_total",
        &["primitive_type", "primitive_name", "action", "status"],
        "Calls that ended, by outcome: success, failure, timeout, cancelled or panicked.",
    ));
    PrimitiveErrors = counter(
        "tta_primitive_errors_total",
        &["primitive_type", "primitive_name", "error_type"],
        "Calls that ended in failure, timeout or panic, by the type of the error.",
    );
    ExecutionDuration = with_own_labels(histogram(
        "tta_execution_duration_seconds",
        &["primitive_type", "primitive_name"],
        buckets::DEFAULT,
        "Time from a call's start to its end, whatever the outcome.",
    ));
    PrimitiveActive = gauge("tta_primitive_active", &["primitive_type", "primitive_name"], "Calls in progress.");
    PrimitiveRate = for_other_views(gauge(
        "tta_primitive_calls_per_second",
        &["primitive_type", "primitive_name"],
        "Calls that ended per second, over the last minute.",
    ));
    Connections = counter(
        "tta_connections_total",
        &["source", "target", "connection_type"],
        "Calls from one primitive to another: the edges of the service map.",
    );
    WorkflowExecutions = counter("tta_workflow_executions_total", &["workflow_name", "status"], "Workflows that ended, by outcome.");
    WorkflowDuration = histogram(
        "tta_workflow_duration_seconds",
        &["workflow_name"],
        buckets::LLM,
        "Time from a workflow's start to its end, whatever the outcome.",
    );
    WorkflowsActive = gauge(
        "tta_workflows_active",
        &["workflow_name", "agent_type"],
        "Workflows in progress, by the agent that started them.",
    );
    WorkflowCost = in_usd(histogram(
        "tta_workflow_cost_usd",
        &["workflow_name"],
        buckets::USD,
        "US dollars that the calls to models in a run of a workflow cost, nested workflows included; a run of unknown cost is missing.",
    ));
    SloEvents = counter(
        "tta_slo_events_total",
        &["primitive_name", "slo", "outcome"],
        "Calls, or results of an evaluation, that were good or bad in the sense of an objective; a cancelled call is neither.",
    );
    SloObjective = from_0_to_1(gauge(
        "tta_slo_objective_ratio",
        &["primitive_name", "slo"],
        "Share of events that the objective wants to be good, from 0 to 1.",
    ));
    SloLatencyThreshold = in_seconds(gauge(
        "tta_slo_latency_threshold_seconds",
        &["primitive_name"],
        "Duration within which a call is good in the sense of its latency objective.",
    ));
    SloScoreThreshold = from_0_to_1(gauge(
        "tta_slo_score_threshold",
        &["primitive_name"],
        "Score from which on a result of the evaluation of this name is good in the sense of its objective.",
    ));
    LlmRequests = counter("tta_llm_requests_total", &["provider", "model", "status"], "Calls to models that ended, by outcome.");
    LlmTokens = in_tokens(counter(
        "tta_llm_tokens_total",
        &["provider", "model", "token_type"],
        "Tokens used: input, cached_input, cache_write, output and reasoning, no token in two of them.",
    ));
    LlmCost = in_usd(counter(
        "tta_llm_cost_total",
        &["provider", "model", "workflow_name", "agent_type"],
        "Cost of the tokens used, in US dollars.",
    ));
    LlmSavings = in_usd(counter(
        "tta_llm_savings_total",
        &["provider", "model", "source"],
        "Cost that was avoided, in US dollars: by answers from a cache, or by a route to a cheaper model.",
    ));
    LlmRequestDuration = histogram(
        "tta_llm_request_duration_seconds",
        &["provider", "model"],
        buckets::LLM,
        "Time from the start of a call to a model to its end, whatever the outcome.",
    );
    LlmCalls = for_other_views(histogram(
        "tta_llm_call_duration_seconds",
        &["provider", "model", "status"],
        buckets::LLM,
        "Time from the start of a call to a model to its end, by outcome.",
    ));
    LlmTimeToFirstToken = histogram(
        "tta_llm_time_to_first_token_seconds",
        &["provider", "model"],
        buckets::LLM,
        "Time from the start of a call to a model to the first content in its stream.",
    );
    LlmTimePerOutputToken = histogram(
        "tta_llm_time_per_output_token_seconds",
        &["provider", "model"],
        buckets::FAST,
        "Time that each token after the first content of a stream took, on average over the stream.",
    );
    LlmUnpriced = counter(
        "tta_llm_unpriced_total",
        &["provider", "model"],
        "Calls that used tokens of a model whose price is not known; they are missing from the cost.",
    );
    LlmPricesAge = in_seconds(gauge(
        "tta_llm_prices_age_seconds",
        &["source"],
        "Age of the prices of a program that reads its own: time since the file was written (file), or since it was last the current one (url).",
    ));
    LlmPriceReads = counter(
        "tta_llm_price_reads_total",
        &["result"],
        "Reads of prices from a URL: new, unchanged, refused, or failed.",
    );
    LlmCallsByPrice = counter(
        "tta_llm_calls_by_price_total",
        &["provider", "model", "basis"],
        "Calls to models that ended, by what their cost is based on: reported, priced, partly_priced_tier, partly_priced_modality, partly_priced_tool, partly_priced_total, unpriced or no_usage.",
    );
    EvaluationScore = from_0_to_1(histogram("tta_evaluation_score", &["name"], buckets::SCORES, "Scores of evaluations, from 0 to 1."));
    GenAiOperationDuration = for_other_views(histogram(
        "gen_ai.client.operation.duration",
        GENAI_CALL,
        buckets::GENAI,
        "Time from the start of a call to a model to its end.",
    ));
    GenAiTimeToFirstChunk = for_other_views(histogram(
        "gen_ai.client.operation.time_to_first_chunk",
        &[genai::OPERATION_NAME, genai::PROVIDER_NAME, genai::REQUEST_MODEL, genai::RESPONSE_MODEL],
        buckets::GENAI,
        "Time from the start of a call to a model to the first content in its stream.",
    ));
    GenAiTimePerOutputChunk = for_other_views(histogram(
        "gen_ai.client.operation.time_per_output_chunk",
        &[genai::OPERATION_NAME, genai::PROVIDER_NAME, genai::REQUEST_MODEL],
        buckets::GENAI,
        "Time from one item of a model's stream to the next, after the first content.",
    ));
    GenAiInputTokens = for_other_views(in_tokens(histogram(
        "gen_ai.client.inference.operation.input_tokens",
        GENAI_CALL,
        buckets::TOKENS,
        "Tokens sent in one call to a model, cached ones included.",
    )));
    GenAiOutputTokens = for_other_views(in_tokens(histogram(
        "gen_ai.client.inference.operation.output_tokens",
        GENAI_CALL,
        buckets::TOKENS,
        "Tokens received in one call to a model, those of reasoning included.",
    )));
    GenAiUsage = for_other_views(in_tokens(counter(
        "gen_ai.client.inference.usage",
        &[
            genai::OPERATION_NAME,
            genai::PROVIDER_NAME,
            genai::REQUEST_MODEL,
            genai::RESPONSE_MODEL,
            genai::TOKEN_MODALITY,
            "part",
        ],
        "Tokens of calls to models: all input and output, and what of it was cache_read, cache_write or reasoning.",
    )));
    GenAiToolDuration = for_other_views(histogram(
        "gen_ai.execute_tool.duration",
        &[genai::TOOL_NAME, genai::ERROR_TYPE],
        buckets::GENAI,
        "Time from the start of a call of a tool to its end.",
    ));
    GenAiAgentDuration = for_other_views(histogram(
        "gen_ai.invoke_agent.duration",
        &[genai::AGENT_NAME, genai::ERROR_TYPE],
        buckets::GENAI,
        "Time from the start of an agent's invocation to its end; planning is none.",
    ));
    GenAiWorkflowDuration = for_other_views(histogram(
        "gen_ai.invoke_workflow.duration",
        &[genai::WORKFLOW_NAME, genai::ERROR_TYPE],
        buckets::GENAI,
        "Time from a workflow's start to its end.",
    ));
    GenAiAgentInferenceCalls = for_other_views(of_counts(
        "gen_ai.invoke_agent.inference_calls",
        &[genai::AGENT_NAME],
        buckets::CALLS,
        "Calls to models that an agent made in one invocation; those for embeddings and those of agents inside are not among them.",
    ));
    GenAiAgentToolCalls = for_other_views(of_counts(
        "gen_ai.invoke_agent.tool_calls",
        &[genai::AGENT_NAME],
        buckets::CALLS,
        "Calls of tools that an agent made in one invocation; those of agents inside are not among them.",
    ));
    McpClientDuration = histogram(
        "mcp.client.operation.duration",
        MCP_MESSAGE,
        buckets::MCP,
        "Time from sending a message of the Model Context Protocol to its answer.",
    );
    McpServerDuration = histogram(
        "mcp.server.operation.duration",
        MCP_MESSAGE,
        buckets::MCP,
        "Time from receiving a message of the Model Context Protocol to its answer.",
    );
    McpClientSessionDuration = histogram(
        "mcp.client.session.duration",
        MCP_SESSION,
        buckets::MCP,
        "Time from the begin of a session of the Model Context Protocol to its end, as the client saw it.",
    );
    McpServerSessionDuration = histogram(
        "mcp.server.session.duration",
        MCP_SESSION,
        buckets::MCP,
        "Time from the begin of a session of the Model Context Protocol to its end, as the server saw it.",
    );
    LlmCostByTenant = in_usd(counter(
        "tta_llm_cost_by_tenant_total",
        &["tenant"],
        "US dollars that calls to models cost, for each of the tenants with the highest cost, and together for all others.",
    ));
    BudgetRemaining = in_usd(gauge(
        "tta_budget_remaining_usd",
        &["budget"],
        "US dollars that a budget has left to reserve in its current period; of several workflows, agents or tenants, the least.",
    ));
    BudgetUnspent = in_usd(gauge(
        "tta_budget_unspent_usd",
        &["budget"],
        "US dollars that a budget has not spent in its current period, those reserved included; of several workflows, agents or tenants, the least.",
    ));
    BudgetRemainingTokens = in_tokens(gauge(
        "tta_budget_remaining_tokens",
        &["budget"],
        "Tokens that a budget has left to reserve in its current period; of several workflows, agents or tenants, the least.",
    ));
    BudgetRemainingRequests = gauge(
        "tta_budget_remaining_requests",
        &["budget"],
        "Calls that a budget has left to reserve in its current period; of several workflows, agents or tenants, the least.",
    );
    BudgetAway = gauge(
        "tta_budget_away",
        &["budget"],
        "1 while the Redis of a shared budget does not answer, or grants nothing since it has just come back; otherwise 0.",
    );
    BudgetExchanges = counter(
        "tta_budget_exchanges_total",
        &["budget"],
        "Requests of a shared budget to its Redis, those without an answer included.",
    );
    BudgetSoftLimits = counter(
        "tta_budget_soft_limit_reached_total",
        &["budget"],
        "Periods in which a budget's soft limit was reached.",
    );
    BudgetEstimated = in_usd(counter(
        "tta_budget_estimated_usd_total",
        &["budget"],
        "US dollars that a budget spent on estimates, since the cost of a call is not known.",
    ));
    BudgetRefusals = counter("tta_budget_refusals_total", &["budget"], "Calls that a budget refused before they started.");
    BudgetRefusalsByTenant = counter(
        "tta_budget_refusals_by_tenant_total",
        &["budget", "tenant"],
        "Calls that a budget by tenant refused, for each of the tenants with the most refused calls, and together for all others.",
    );
    BudgetAccounts = gauge(
        "tta_budget_accounts",
        &["budget"],
        "Workflows, agents or tenants of a budget whose amounts the process keeps in memory: those that called lately.",
    );
    Loops = counter(
        "tta_loops_total",
        &["primitive_name", "action"],
        "Calls that would repeat the latest calls of their run once more: stopped, or counted where they are let through.",
    );
    LoopsCost = in_usd(counter(
        "tta_loops_cost_usd_total",
        &["primitive_name"],
        "US dollars that model calls cost while calls were repeated, up to the one that a loop guard found.",
    ));
    RunLimits = counter(
        "tta_run_limits_total",
        &["primitive_name", "limit"],
        "Calls that did not begin since their run had reached a limit of its loop guard: steps or cost.",
    );
    RouterDecisions = counter(
        "tta_router_decisions_total",
        &["primitive_name", "route", "reason"],
        "Routes taken, and why: chosen, weighted, cheapest, fastest, explored, or the default after an unknown_key or where choice_failed.",
    );
    RouterDuration = histogram(
        "tta_router_duration_seconds",
        &["primitive_name", "route"],
        buckets::LLM,
        "Time from a router's start to the end of the route it took.",
    );
    RouterErrors = counter("tta_router_errors_total", &["primitive_name", "route"], "Routed calls that ended in an error.");
    Timeouts = counter(
        "tta_timeout_total",
        &["primitive_name", "result"],
        "Calls under a time limit: in_time, late (ended within the grace) or timed_out.",
    );
    TimeoutDuration = histogram(
        "tta_timeout_duration_seconds",
        &["primitive_name"],
        buckets::LLM,
        "Time from the start of a call under a time limit to its end, or to the end of the limit and its grace.",
    );
    RetryAttempts = counter(
        "tta_retry_attempts_total",
        &["primitive_name", "result"],
        "Attempts that ended: success, retried, or why none came after: not_retryable, exhausted, budget, deadline, wait_too_long, cancelled, timeout, panicked.",
    );
    RetryBackoff = histogram(
        "tta_retry_backoff_seconds",
        &["primitive_name"],
        buckets::DEFAULT,
        "Waits before attempts after the first, as they were decided.",
    );
    Fallbacks = counter(
        "tta_fallback_total",
        &["primitive_name", "used"],
        "Calls with fallbacks, by what gave the output: primary, the fallback's name, or none.",
    );
    CircuitBreakerState = gauge(
        "tta_circuit_breaker_state",
        &["primitive_name"],
        "State of the circuit breaker: 0 closed, 1 half-open, 2 open.",
    );
    CircuitBreakerTransitions = counter(
        "tta_circuit_breaker_transitions_total",
        &["primitive_name", "from", "to"],
        "Changes of a circuit breaker's state.",
    );
    CircuitBreakerCalls = counter(
        "tta_circuit_breaker_calls_total",
        &["primitive_name", "result"],
        "Calls at a circuit breaker: permitted or rejected, and of those permitted success, failure or neutral when they end.",
    );
    CircuitBreakerStateSeconds = in_seconds(counter(
        "tta_circuit_breaker_state_seconds_total",
        &["primitive_name", "state"],
        "Time that a circuit breaker has been in each state, the present one included.",
    ));
    SagaCompensations = counter(
        "tta_saga_compensations_total",
        &["primitive_name", "result"],
        "Compensations of finished steps: done, failed, cancelled, timeout, panicked, or lost because no runtime was there to run them.",
    );
    CacheOperations = counter(
        "tta_cache_operations_total",
        &["primitive_name", "cache_type", "operation"],
        "What the cache did: look-ups are hit, miss, coalesced and error; answers store, store_error, too_large, evict and expire.",
    );
    CacheLatency = histogram(
        "tta_cache_latency_seconds",
        &["primitive_name", "cache_type", "operation"],
        buckets::FAST,
        "Time of the look-up alone, without the work that a miss causes; a backend that is left alone since it failed takes none.",
    );
    CacheEntries = gauge("tta_cache_entries", &["primitive_name"], "Entries in the cache, those included that expired and were not yet removed.");
    TelemetrySpansEnded = counter("tta_telemetry_spans_ended_total", &[], "Sampled spans that ended.");
    TelemetrySpansExported = counter("tta_telemetry_spans_exported_total", &[], "Spans that every exporter accepted.");
    TelemetrySpansDropped = counter("tta_telemetry_spans_dropped_total", &["reason"], "Spans that were lost on the way to an exporter.");
    TelemetrySpanPartsDropped = counter(
        "tta_telemetry_span_parts_dropped_total",
        &["part"],
        "Parts of spans that a limit left out: attribute, event and event_attribute, and text and list whose end was cut off.",
    );
    TelemetryLogRecordsDropped = counter(
        "tta_telemetry_log_records_dropped_total",
        &["reason"],
        "Log records that were lost on the way to a collector.",
    );
    TelemetrySpanQueue = gauge("tta_telemetry_span_queue_length", &[], "Spans that wait for export or are being exported.");
    TelemetryExports = counter("tta_telemetry_exports_total", &["signal", "result"], "Attempts to export a batch.");
    TelemetryExportDuration = histogram(
        "tta_telemetry_export_duration_seconds",
        &["signal"],
        buckets::DEFAULT,
        "Time that an attempt to export a batch took.",
    );
    TelemetryCapped = counter(
        "tta_telemetry_capped_total",
        &["metric"],
        "Records that went to a metric's overflow series because it held as many label sets as it may.",
    );
    TelemetryLabelValuesCapped = counter(
        "tta_telemetry_label_values_capped_total",
        &["label"],
        "Records whose capped label became `other` because the label had as many values as it may.",
    );
    TelemetryTopError = gauge(
        "tta_telemetry_top_error",
        &["label"],
        "The most by which the rank of a label's largest may count a tenant too high or too low: calls, or billionths of US dollars for the tenants of costs.",
    );
    TelemetryDetached = counter(
        "tta_telemetry_detached_total",
        &["what"],
        "Parts that were not attached because their place was taken: a metric's name, or a second start.",
    );
    TelemetryScrapeDuration = histogram(
        "tta_telemetry_scrape_duration_seconds",
        &[],
        buckets::FAST,
        "Time that collecting and encoding the metrics took.",
    );
    BuildInfo = gauge("tta_build_info", &["version"], "Always 1; the label says which version of TTA runs.");
}

#[cfg(test)]
mod tests {
    use super::{Kind, METRICS};

    #[test]
    fn names_follow_the_conventions() {
        for metric in METRICS.iter().filter(|metric| metric.shown) {
            assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
            assert_eq!(metric.kind == Kind::Histogram, !metric.buckets.is_empty(), "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let all = || METRICS.iter();
        let names: std::collections::BTreeSet<_> = all().map(|metric| metric.name).collect();
        assert_eq!(names.len(), all().count());
    }
}
