// The types of the answers of `/api/v1`, as `docs/page.md` describes them.

/** A whole number of 0 or more in decimal digits: it may be larger than 2^53. */
export type DecimalText = string;
/** Billionths of a US dollar. */
export type NanoUsd = DecimalText;
/** Nanoseconds since 1970-01-01 UTC. */
export type UnixNs = DecimalText;
/** 32 lower-case hexadecimal digits. */
export type TraceId = string;
/** 16 lower-case hexadecimal digits. */
export type SpanId = string;

export const OUTCOMES = ["success", "failure", "timeout", "cancelled", "panicked"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type ByOutcome = Record<Outcome, number>;

export interface Envelope<T> {
  /** Changes when the process restarts. */
  instance: string;
  now_unix_ns: UnixNs;
  data: T;
}

export interface ApiError {
  error: { code: string; message: string };
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface Overview {
  service_name: string;
  service_instance_id: string | null;
  version: string;
  started_unix_ns: UnixNs;
  calls_per_second: ByOutcome;
  seconds: Percentiles;
  error_ratio: number;
  cost_nano_usd: NanoUsd;
  cost_nano_usd_per_hour: NanoUsd;
  unknown_cost_calls: number;
  tokens: DecimalText;
  tokens_per_second: number;
  active_workflows: number;
  movers: Mover[];
}

export interface Mover {
  primitive: string;
  primitive_type: string;
  measure: "calls_per_second" | "p95_seconds" | "error_ratio" | "cost_usd_per_hour";
  before: number;
  now: number;
}

export interface Series {
  step_seconds: number;
  /** The time of the first sample of this answer. */
  start_unix_ns: UnixNs;
  cursor: string;
  /** True if `since` was too old or of another instance: replace everything. */
  reset: boolean;
  series: { name: SeriesName; unit: SeriesUnit; values: (number | null)[] }[];
}

export type SeriesName =
  | `calls_${Outcome}`
  | "p50_seconds"
  | "p95_seconds"
  | "p99_seconds"
  | "cost_per_hour"
  | "tokens_per_second"
  | "active_workflows"
  | "error_ratio";
export type SeriesUnit = "per_second" | "seconds" | "usd_per_hour" | "count" | "ratio";

export interface ServiceMap {
  nodes: MapNode[];
  edges: MapEdge[];
  left_out_nodes: number;
  /** Those of nodes that are left out, and those with the fewest calls where the answer would be too long. */
  left_out_edges: number;
}

export interface MapNode {
  name: string;
  primitive_type: string;
  calls_per_second: number;
  /** `null` for a block: it has no calls of its own. */
  error_ratio: number | null;
  p95_seconds: number | null;
  cost_nano_usd: NanoUsd;
}

export type ConnectionType = "call" | "sequential" | "parallel" | "route" | "retry" | "fallback";

export interface MapEdge {
  source: string;
  target: string;
  connection_type: ConnectionType;
  calls: number;
  calls_per_second: number;
}

export const ORDERS = ["latest", "slowest", "dearest", "failed"] as const;
export type Order = (typeof ORDERS)[number];

export interface Traces {
  cursor: string;
  reset: boolean;
  traces: TraceRow[];
  /** Traces that match and are not in the answer. */
  left_out: number;
  held: number;
  held_bytes: number;
  limit_bytes: number;
  workflows: string[];
  models: string[];
}

export interface TraceRow {
  trace_id: TraceId;
  root: string;
  workflow: string | null;
  start_unix_ns: UnixNs;
  duration_ns: number;
  outcome: Outcome | null;
  error_type: string | null;
  spans: number;
  failed_spans: number;
  models: string[];
  tokens: DecimalText;
  cost_nano_usd: NanoUsd | null;
  complete: boolean;
}

export interface Trace {
  trace_id: TraceId;
  start_unix_ns: UnixNs;
  duration_ns: number;
  complete: boolean;
  lost_spans: number;
  /** In the order of their starts. */
  spans: Span[];
  /** The `after` of the next part, `null` in the last one. */
  next: string | null;
}

export interface Span {
  span_id: SpanId;
  parent_id: SpanId | null;
  /** As it is exported. */
  name: string;
  primitive: string | null;
  primitive_type: string | null;
  /** After the start of the trace. */
  start_ns: number;
  duration_ns: number;
  outcome: Outcome | null;
  error_type: string | null;
  model: string | null;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  /** The span's own cost, without that of spans inside; `null` where it has none or it is not known. */
  cost_nano_usd: NanoUsd | null;
  cost_basis: PriceBasis | null;
  cache_hit: boolean | null;
  /** 1 for the first attempt of a retry. */
  retry_attempt: number | null;
  streams: boolean;
  first_token_ns: number | null;
  has_content: boolean;
  events: number;
}

export const PRICE_BASES = [
  "reported",
  "priced",
  "partly_priced_tier",
  "partly_priced_modality",
  "partly_priced_tool",
  "partly_priced_total",
  "unpriced",
  "no_usage",
] as const;
export type PriceBasis = (typeof PRICE_BASES)[number];

export type AttributeValue = string | number | boolean | (string | number | boolean)[];
export interface Attribute {
  key: string;
  value: AttributeValue;
}

export interface SpanDetail {
  span_id: SpanId;
  error_type: string | null;
  error_message: string | null;
  attributes: Attribute[];
  dropped_attributes: number;
  /** Those for which the answer has no room. */
  left_out_attributes: number;
  events: { name: string; at_ns: number; attributes: Attribute[] }[];
  dropped_events: number;
  left_out_events: number;
  content: Content | null;
}

/** Each is JSON text, shortened inside where it was too long; arguments and results of tools may be plain text. */
export interface Content {
  system_instructions: string | null;
  input_messages: string | null;
  output_messages: string | null;
  tool_definitions: string | null;
  tool_arguments: string | null;
  tool_result: string | null;
  retrieval_documents: string | null;
}

export const TOKEN_KINDS = ["input", "cached_input", "cache_write", "output", "reasoning"] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

export interface Models {
  models: Model[];
  left_out: number;
  /** Models that have a price, for the choice of *what if*. */
  priced: { provider: string; model: string }[];
}

export interface Model {
  provider: string;
  model: string;
  requests: ByOutcome;
  /** Requests beyond the limit on series: those of `other`. */
  unknown_outcomes: number;
  tokens: Record<TokenKind, DecimalText>;
  cost_nano_usd: NanoUsd;
  calls_by_price: Partial<Record<PriceBasis, number>>;
  seconds: Percentiles;
  first_token_seconds: Percentiles | null;
  output_tokens_per_second: number | null;
}

export interface WhatIf {
  provider: string;
  model: string;
  to_provider: string;
  to_model: string;
  /** Calls whose usage is known and that have a cost. */
  calls: number;
  left_out_calls: number;
  actual_nano_usd: NanoUsd;
  /** Input, cache, requests and tools, at the other model's price. */
  fixed_nano_usd: NanoUsd;
  /** Output and reasoning, at the other model's price. */
  output_nano_usd: NanoUsd;
  /** Usage of kinds for which the other model has no price. */
  unpriced_kinds: string[];
}

export interface Budgets {
  budgets: Budget[];
  left_out: number;
}

export interface Budget {
  name: string;
  scope: "process" | "workflow" | "agent" | "tenant";
  /** The workflow, the agent or the tenant; `null` for the process, and for calls outside of them. */
  owner: string | null;
  period_seconds: number | null;
  period_left_seconds: number | null;
  unit: "nano_usd" | "tokens" | "requests";
  /** Whether other processes spend from it, too: then the amounts are those of all, as far as this one knows. */
  shared: boolean;
  /** In the unit, as the next three. */
  limit: DecimalText;
  reserved: DecimalText;
  spent: DecimalText;
  /** Of all accounts of the budget since start, as the next one. */
  estimated: DecimalText | null;
  refused_calls: number;
  soft_limit_share: number;
  /** At the rate of the last 5 minutes; `null` if nothing was spent or the period ends before. */
  used_up_in_seconds: number | null;
}

export interface Objectives {
  objectives: Objective[];
  left_out: number;
}

export interface Objective {
  /** The primitive; for `score`, the evaluation. */
  primitive: string;
  slo: "availability" | "latency" | "score";
  objective: number;
  threshold_seconds: number | null;
  threshold_score: number | null;
  good: number;
  bad: number;
  compliance: number;
  remaining_budget: number;
  /** 1 uses the error budget up exactly in its period; `null` without events. */
  burn: { five_minutes: number | null; hour: number | null; since_start: number | null };
}

export interface Savings {
  cost_nano_usd: NanoUsd;
  sources: { source: "cache" | "router"; saved_nano_usd: NanoUsd; calls: number }[];
  by_model: { provider: string; model: string; source: "cache" | "router"; saved_nano_usd: NanoUsd }[];
}

export interface Blocks {
  circuit_breakers: CircuitBreaker[];
  retries: { name: string; results: Record<string, number>; waited_seconds: number }[];
  time_limits: { name: string; in_time: number; late: number; timed_out: number; p95_seconds: number }[];
  caches: Cache[];
  fallbacks: { name: string; used: Record<string, number> }[];
  routers: { name: string; routes: { route: string; reason: string; calls: number; errors: number; p95_seconds: number }[] }[];
}

export type BreakerState = "closed" | "half_open" | "open";
export interface CircuitBreaker {
  name: string;
  state: BreakerState;
  permitted: number;
  rejected: number;
  seconds: Record<BreakerState, number>;
  /** The latest 50 changes, the oldest first. */
  changes: { at_unix_ns: UnixNs; from: BreakerState; to: BreakerState }[];
}

export interface Cache {
  name: string;
  cache_type: string;
  hits: number;
  misses: number;
  coalesced: number;
  errors: number;
  evicted: number;
  expired: number;
  entries: number;
  p95_seconds: number;
}

export interface Library {
  spans_ended: DecimalText;
  spans_exported: DecimalText;
  spans_dropped: { reason: string; spans: number }[];
  span_parts_dropped: { part: string; parts: number }[];
  log_records_dropped: { reason: string; records: number }[];
  queue_spans: number;
  queue_limit_spans: number;
  queue_bytes: number;
  ring_bytes: number;
  ring_limit_bytes: number;
  ring_traces: number;
  series_bytes: number;
  model_calls: number;
  model_calls_bytes: number;
  model_calls_limit_bytes: number;
  capped_metrics: { metric: string; records: number }[];
  capped_labels: { label: string; records: number }[];
  exports: { signal: string; result: string; exports: number }[];
  failing_exports: { signal: string; for_seconds: number; error: string }[];
  scrape_p95_seconds: number;
  /** CPU time of the library's own threads by the time since start. */
  background_cpu_ratio: number | null;
}
