// All answers of the API, generated.

import type {
  Blocks,
  Budgets,
  ByOutcome,
  ConnectionType,
  Library,
  MapEdge,
  MapNode,
  Models,
  Objectives,
  Overview,
  Savings,
  Series,
  SeriesName,
  SeriesUnit,
  ServiceMap,
  Span,
  SpanDetail,
} from "../../../tta-runtime/page/src/api";
import { HOSTILE } from "./hostile";
import { Random } from "./random";
import { type Held, largeTrace, model, richPlan, traceOf } from "./trace-data";

export type Scenario = "usual" | "large" | "hostile" | "empty";

export interface Data {
  overview: Overview;
  series(since: string | null): Series;
  map: ServiceMap;
  traces: Held[];
  models: Models;
  budgets: Budgets;
  objectives: Objectives;
  savings: Savings;
  blocks: Blocks;
  library: Library;
  detail(held: Held, spanId: string): SpanDetail | undefined;
}

const NAMES = ["answer_question", "find_documents", "answer", "check_citations", "route_by_size", "search_index", "search_archive", "embed"] as const;
const TYPES = ["workflow", "retrieval", "llm", "guardrail", "router", "tool", "tool", "embedding"] as const;

/** Generates everything from a start time in Unix nanoseconds. */
export function generate(scenario: Scenario, startedUnixNs: bigint): Data {
  const random = new Random(18);
  const name = (usual: string) => (scenario === "hostile" ? random.pick(HOSTILE) : usual);
  const isEmpty = scenario === "empty";
  const map = isEmpty ? { nodes: [], edges: [], left_out_nodes: 0, left_out_edges: 0 } : serviceMap(random, scenario, name);
  const traces = isEmpty ? [] : heldTraces(random, scenario, startedUnixNs, name);
  const calls = byOutcome(isEmpty ? [0, 0, 0, 0, 0] : [12.4, 0.31, 0.12, 0.05, 0.01]);
  return {
    overview: {
      service_name: name("billing-assistant"),
      service_instance_id: "7f3c0d52",
      version: "0.1.0",
      started_unix_ns: startedUnixNs.toString(),
      calls_per_second: calls,
      seconds: isEmpty ? { p50: 0, p95: 0, p99: 0 } : { p50: 0.214, p95: 2.41, p99: 5.2 },
      error_ratio: isEmpty ? 0 : 0.0341,
      cost_nano_usd: isEmpty ? "0" : "41873112000",
      cost_nano_usd_per_hour: isEmpty ? "0" : "6284000000",
      unknown_cost_calls: isEmpty ? 0 : 14,
      tokens: isEmpty ? "0" : "18342911",
      tokens_per_second: isEmpty ? 0 : 812.4,
      active_workflows: isEmpty ? 0 : 7,
      movers: isEmpty
        ? []
        : [
            { primitive: name("check_citations"), primitive_type: "guardrail", measure: "error_ratio", before: 0.011, now: 0.082 },
            { primitive: name("answer"), primitive_type: "llm", measure: "p95_seconds", before: 1.12, now: 2.41 },
            { primitive: name("answer"), primitive_type: "llm", measure: "cost_usd_per_hour", before: 7.9, now: 5.1 },
            { primitive: name("embed"), primitive_type: "embedding", measure: "calls_per_second", before: 0, now: 3.2 },
          ],
    },
    series: (since) => series(startedUnixNs, since, isEmpty),
    map,
    traces,
    models: models(scenario, name),
    budgets: isEmpty ? { budgets: [], left_out: 0 } : budgets(name),
    objectives: isEmpty ? { objectives: [], left_out: 0 } : objectives(name),
    savings: isEmpty
      ? { cost_nano_usd: "0", sources: [], by_model: [] }
      : {
          cost_nano_usd: "41873112000",
          sources: [
            { source: "cache", saved_nano_usd: "8123400000", calls: 2_410 },
            { source: "router", saved_nano_usd: "3977120000", calls: 918 },
          ],
          by_model: [
            { provider: "openai", model: name("gpt-4o"), source: "cache", saved_nano_usd: "7001000000" },
            { provider: "openai", model: "gpt-4o-mini", source: "cache", saved_nano_usd: "1122400000" },
            { provider: "openai", model: "gpt-4o-mini", source: "router", saved_nano_usd: "3977120000" },
          ],
        },
    blocks: blocks(isEmpty, startedUnixNs, name),
    library: library(isEmpty, traces),
    detail,
  };
}

function byOutcome([success, failure, timeout, cancelled, panicked]: [number, number, number, number, number]): ByOutcome {
  return { success, failure, timeout, cancelled, panicked };
}

const STEP_NS = 5_000_000_000n;

/** 720 samples; a later request with the cursor gets one more for each 5 s since. */
function series(startedUnixNs: bigint, since: string | null, isEmpty: boolean): Series {
  const now = BigInt(Date.now()) * 1_000_000n;
  const latest = now / STEP_NS;
  const oldest = latest - (isEmpty ? 1n : 719n);
  const known = since === null ? undefined : BigInt(since.split("-")[1] ?? "0");
  const first = known === undefined || known < oldest ? oldest : known + 1n;
  const shapes: [SeriesName, SeriesUnit, number, number][] = [
    ["calls_success", "per_second", 12.4, 3],
    ["calls_failure", "per_second", 0.31, 0.3],
    ["calls_timeout", "per_second", 0.12, 0.12],
    ["calls_cancelled", "per_second", 0.05, 0.05],
    ["calls_panicked", "per_second", 0.01, 0.01],
    ["p50_seconds", "seconds", 0.21, 0.05],
    ["p95_seconds", "seconds", 2.2, 0.6],
    ["p99_seconds", "seconds", 4.9, 1.2],
    ["cost_per_hour", "usd_per_hour", 6.1, 1.4],
    ["tokens_per_second", "per_second", 800, 240],
    ["active_workflows", "count", 7, 4],
    ["error_ratio", "ratio", 0.03, 0.02],
  ];
  const value = (at: bigint, mean: number, swing: number) => {
    const time = Number(at % 100_000n);
    const wave = Math.sin(time / 40) * 0.6 + Math.sin(time / 7) * 0.25 + Math.sin(time * 1.7) * 0.15;
    return Math.max(0, mean + swing * wave);
  };
  const samples: bigint[] = [];
  for (let at = first; at <= latest; at += 1n) samples.push(at);
  return {
    step_seconds: 5,
    start_unix_ns: (first * STEP_NS).toString(),
    cursor: `${(startedUnixNs % 1_000_003n).toString()}-${latest.toString()}`,
    reset: known === undefined || known < oldest,
    series: shapes.map(([name, unit, mean, swing]) => ({
      name,
      unit,
      values: samples.map((at) => {
        const measured = isEmpty ? 0 : value(at, mean, swing);
        return name === "active_workflows" ? Math.round(measured) : measured;
      }),
    })),
  };
}

function serviceMap(random: Random, scenario: Scenario, name: (usual: string) => string): ServiceMap {
  const node = (usual: string, type: string): MapNode => ({
    name: usual,
    primitive_type: type,
    calls_per_second: random.next() * 20,
    error_ratio: random.next() < 0.15 ? random.next() * 0.2 : random.next() * 0.01,
    p95_seconds: random.next() * 3,
    cost_nano_usd: type === "llm" || type === "embedding" ? random.whole(1_000_000, 20_000_000_000).toString() : "0",
  });
  const edge = (source: string, target: string): MapEdge => ({
    source,
    target,
    connection_type: random.pick<ConnectionType>(["call", "sequential", "parallel", "route", "retry", "fallback"]),
    calls: random.whole(1, 90_000),
    calls_per_second: random.next() * 12,
  });
  if (scenario === "large") {
    const nodes = Array.from({ length: 300 }, (_, index) => node(`primitive_${index}`, random.pick(TYPES as unknown as [string, ...string[]])));
    const edges: MapEdge[] = [];
    for (let index = 1; index < 300; index += 1) {
      const from = Math.max(0, Math.floor(index / 3) - random.whole(0, 2));
      edges.push(edge(`primitive_${from}`, `primitive_${index}`));
      if (random.next() < 0.2) edges.push(edge(`primitive_${random.whole(0, index - 1)}`, `primitive_${index}`));
    }
    return { nodes, edges, left_out_nodes: 12, left_out_edges: 31 };
  }
  const names = scenario === "hostile" ? HOSTILE.slice(0, NAMES.length) : [...NAMES];
  const nodes = names.map((usual, index) => node(usual, TYPES[index] ?? "tool"));
  const link = (from: number, to: number) => edge(names[from] ?? name("a"), names[to] ?? name("b"));
  return { nodes, edges: [[0, 1], [0, 4], [0, 3], [4, 2], [1, 5], [1, 6], [1, 7]].map(([from = 0, to = 0]) => link(from, to)), left_out_nodes: 0, left_out_edges: 0 };
}

function heldTraces(random: Random, scenario: Scenario, startedUnixNs: bigint, name: (usual: string) => string): Held[] {
  const at = () => startedUnixNs + BigInt(random.whole(1, 3_000)) * 1_000_000_000n + BigInt(random.whole(0, 999_999_999));
  const all = [traceOf(random, startedUnixNs + 3_100_000_000_000n, richPlan(), "answer_question")];
  if (scenario === "large") all.push(largeTrace(random, at(), 20_000));
  for (let index = 0; index < (scenario === "large" ? 600 : 60); index += 1) {
    const roll = random.next();
    const outcome = roll < 0.8 ? "success" : roll < 0.9 ? "failure" : roll < 0.95 ? "timeout" : roll < 0.98 ? "cancelled" : "panicked";
    const error = outcome === "failure" ? "billing::NoSuchPage" : outcome === "timeout" ? "tta_runtime::TimedOut" : outcome === "panicked" ? "panic" : null;
    const lasts = 200 + random.next() * 3_000;
    const used = random.pick(["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5"]);
    const workflow = random.pick(["answer_question", "summarise_thread", "classify_ticket"]);
    all.push(
      traceOf(
        random,
        at(),
        {
          name: name(workflow),
          type: "workflow",
          after: 0,
          lasts,
          with: { outcome, error_type: error === null ? null : name(error) },
          detail: {
            attributes: [{ key: name("team"), value: name("billing") }],
            error_type: error,
            error_message: error === null ? null : name("page 2 is empty"),
            events: [{ name: name("note"), at_ns: 5, attributes: [{ key: name("key"), value: name("value") }] }],
            content:
              scenario === "hostile"
                ? { system_instructions: null, input_messages: JSON.stringify([{ role: name("user"), parts: [{ type: "text", content: name("x") }] }]), output_messages: name("no JSON"), tool_definitions: null, tool_arguments: null, tool_result: null, retrieval_documents: null }
                : null,
          },
          inside: [
            { name: name("answer"), type: "llm", after: 10, lasts: lasts * 0.8, with: model(name(used), random.whole(200, 8_000), random.whole(20, 900), random.whole(90_000, 40_000_000)) },
            { name: name("check_citations"), type: "guardrail", after: lasts * 0.85, lasts: lasts * 0.1, with: { outcome, error_type: error } },
          ],
        },
        workflow,
      ),
    );
  }
  return all;
}

/** The spans of a trace by their ids; tests add spans. */
const spansOf = new WeakMap<Held, Map<string, Span>>();

function detail(held: Held, spanId: string): SpanDetail | undefined {
  let spans = spansOf.get(held);
  if (spans?.size !== held.trace.spans.length) spans = new Map(held.trace.spans.map((span) => [span.span_id, span]));
  spansOf.set(held, spans);
  const span = spans.get(spanId);
  if (span === undefined) return undefined;
  const own = held.details.get(spanId) ?? {};
  const known = [
    { key: "primitive.name", value: span.primitive ?? "" },
    { key: "primitive.type", value: span.primitive_type ?? "" },
    { key: "code.function.name", value: `billing::${span.primitive ?? span.name}` },
    { key: "code.file.path", value: "src/answer.rs" },
    { key: "code.line.number", value: 42 },
    { key: "execution.duration_ms", value: span.duration_ns / 1e6 },
    { key: "execution.status", value: span.outcome ?? "" },
    ...(span.model === null ? [] : [{ key: "gen_ai.response.finish_reasons", value: ["stop"] }]),
  ];
  return {
    span_id: spanId,
    error_type: span.error_type,
    error_message: null,
    dropped_attributes: 0,
    left_out_attributes: 0,
    events: [],
    dropped_events: 0,
    left_out_events: 0,
    content: null,
    ...own,
    attributes: [...known, ...(own.attributes ?? [])],
  };
}

function models(scenario: Scenario, name: (usual: string) => string): Models {
  const priced = ["openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-4.1", "anthropic/claude-sonnet-4-5", "anthropic/claude-haiku-4-5", "google/gemini-2.5-flash"];
  const options = priced.map((text) => ({ provider: text.split("/")[0] ?? "", model: text.split("/")[1] ?? "" }));
  if (scenario === "empty") return { models: [], left_out: 0, priced: options };
  return {
    priced: options,
    left_out: 0,
    models: [
      {
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        requests: byOutcome([812, 9, 3, 2, 0]),
        unknown_outcomes: 0,
        tokens: { input: "1204411", cached_input: "904120", cache_write: "88120", output: "204500", reasoning: "61200" },
        cost_nano_usd: "9841203000",
        calls_by_price: { priced: 820, partly_priced_tool: 4, no_usage: 2 },
        seconds: { p50: 1.42, p95: 4.8, p99: 9.1 },
        first_token_seconds: { p50: 0.41, p95: 0.92, p99: 1.4 },
        output_tokens_per_second: 71.4,
      },
      {
        provider: "openai",
        model: name("gpt-4o"),
        requests: byOutcome([4_120, 31, 44, 6, 0]),
        unknown_outcomes: 0,
        tokens: { input: "8120331", cached_input: "3104500", cache_write: "0", output: "1804211", reasoning: "0" },
        cost_nano_usd: "28114002000",
        calls_by_price: { priced: 4_201 },
        seconds: { p50: 0.91, p95: 2.4, p99: 4.4 },
        first_token_seconds: { p50: 0.29, p95: 0.6, p99: 1.1 },
        output_tokens_per_second: 94.2,
      },
      {
        provider: "openai",
        model: "gpt-4o-mini",
        requests: byOutcome([10_412, 12, 4, 0, 0]),
        unknown_outcomes: 0,
        tokens: { input: "2104411", cached_input: "104120", cache_write: "0", output: "704500", reasoning: "0" },
        cost_nano_usd: "3917907000",
        calls_by_price: { priced: 10_428 },
        seconds: { p50: 0.41, p95: 1.1, p99: 2.1 },
        first_token_seconds: null,
        output_tokens_per_second: null,
      },
      {
        provider: "self-hosted",
        model: name("llama-3.3-70b"),
        requests: byOutcome([14, 0, 0, 0, 0]),
        unknown_outcomes: 0,
        tokens: { input: "14411", cached_input: "0", cache_write: "0", output: "4500", reasoning: "0" },
        cost_nano_usd: "0",
        calls_by_price: { unpriced: 14 },
        seconds: { p50: 2.4, p95: 3.1, p99: 3.3 },
        first_token_seconds: null,
        output_tokens_per_second: null,
      },
    ],
  };
}

function budgets(name: (usual: string) => string): Budgets {
  return {
    left_out: 0,
    budgets: [
      { name: name("daily"), scope: "process", owner: null, period_seconds: 86_400, period_left_seconds: 31_240, unit: "nano_usd", shared: false, limit: "60000000000", reserved: "1240000000", spent: "41873112000", estimated: "12000000", soft_limit_share: 0.8, refused_calls: 0, used_up_in_seconds: 9_670 },
      { name: name("per_workflow"), scope: "workflow", owner: name("answer_question"), period_seconds: 3_600, period_left_seconds: 1_204, unit: "nano_usd", shared: false, limit: "5000000000", reserved: "0", spent: "5000000000", estimated: "0", soft_limit_share: 0.8, refused_calls: 31, used_up_in_seconds: 0 },
      { name: name("fleet"), scope: "process", owner: null, period_seconds: 60, period_left_seconds: 12.5, unit: "tokens", shared: true, limit: "2000000", reserved: "48000", spent: "1210400", estimated: null, soft_limit_share: 0.8, refused_calls: 4, used_up_in_seconds: null },
      { name: name("trial"), scope: "agent", owner: name("researcher"), period_seconds: null, period_left_seconds: null, unit: "nano_usd", shared: false, limit: "2500000000", reserved: "125000000", spent: "310440000", estimated: "0", soft_limit_share: 0.8, refused_calls: 0, used_up_in_seconds: null },
    ],
  };
}

function objectives(name: (usual: string) => string): Objectives {
  return {
    objectives: [
      { primitive: name("answer_question"), slo: "availability", objective: 0.99, threshold_seconds: null, threshold_score: null, good: 15_204, bad: 88, compliance: 0.99424, remaining_budget: 0.424, burn: { five_minutes: 0.41, hour: 0.62, since_start: 0.576 } },
      { primitive: name("answer_question"), slo: "latency", objective: 0.95, threshold_seconds: 3, threshold_score: null, good: 14_310, bad: 982, compliance: 0.93578, remaining_budget: -0.284, burn: { five_minutes: 3.2, hour: 1.4, since_start: 1.284 } },
      { primitive: name("embed"), slo: "availability", objective: 0.999, threshold_seconds: null, threshold_score: null, good: 0, bad: 0, compliance: 1, remaining_budget: 1, burn: { five_minutes: null, hour: null, since_start: null } },
      { primitive: name("faithfulness"), slo: "score", objective: 0.95, threshold_seconds: null, threshold_score: 0.8, good: 1_411, bad: 52, compliance: 0.96446, remaining_budget: 0.289, burn: { five_minutes: 0.8, hour: 0.7, since_start: 0.711 } },
    ],
    left_out: 0,
  };
}

function blocks(isEmpty: boolean, startedUnixNs: bigint, name: (usual: string) => string): Blocks {
  if (isEmpty) return { circuit_breakers: [], retries: [], time_limits: [], caches: [], fallbacks: [], routers: [] };
  const at = (seconds: number) => (startedUnixNs + BigInt(seconds) * 1_000_000_000n).toString();
  return {
    circuit_breakers: [
      { name: name("openai_breaker"), state: "half_open", permitted: 4_101, rejected: 212, seconds: { closed: 3_214, half_open: 12.4, open: 90 }, changes: [{ at_unix_ns: at(2_800), from: "closed", to: "open" }, { at_unix_ns: at(2_830), from: "open", to: "half_open" }, { at_unix_ns: at(2_831), from: "half_open", to: "open" }, { at_unix_ns: at(2_861), from: "open", to: "half_open" }] },
      { name: name("search_breaker"), state: "closed", permitted: 20_144, rejected: 0, seconds: { closed: 3_320, half_open: 0, open: 0 }, changes: [] },
    ],
    retries: [{ name: name("retry_answer"), results: { success: 4_120, retried: 88, exhausted: 3, not_retryable: 1 }, waited_seconds: 21.4 }],
    time_limits: [{ name: name("answer_limit"), in_time: 4_140, late: 12, timed_out: 44, p95_seconds: 2.4 }],
    caches: [
      { name: name("answer_cache"), cache_type: "memory", hits: 2_410, misses: 4_201, coalesced: 88, errors: 0, evicted: 120, expired: 410, entries: 1_000, p95_seconds: 0.000_012 },
      { name: name("answer_cache"), cache_type: "redis", hits: 410, misses: 3_791, coalesced: 0, errors: 4, evicted: 0, expired: 0, entries: 14_200, p95_seconds: 0.002_1 },
    ],
    fallbacks: [{ name: name("with_fallback"), used: { primary: 4_101, claude: 31, none: 2 } }],
    routers: [{ name: name("route_by_size"), routes: [{ route: "large", reason: "chosen", calls: 3_210, errors: 21, p95_seconds: 2.6 }, { route: "small", reason: "cheapest", calls: 918, errors: 2, p95_seconds: 0.9 }] }],
  };
}

function library(isEmpty: boolean, traces: readonly Held[]): Library {
  return {
    spans_ended: isEmpty ? "0" : "184211",
    spans_exported: isEmpty ? "0" : "184102",
    spans_dropped: isEmpty ? [] : [{ reason: "queue_full", spans: 84 }],
    span_parts_dropped: isEmpty ? [] : [{ part: "text", parts: 12 }],
    log_records_dropped: isEmpty ? [] : [{ reason: "rejected", records: 17 }],
    queue_spans: isEmpty ? 0 : 25,
    queue_limit_spans: 2_048,
    queue_bytes: isEmpty ? 0 : 41_200,
    ring_bytes: isEmpty ? 0 : 2_412_044,
    ring_limit_bytes: 4_194_304,
    ring_traces: traces.length,
    series_bytes: 69_120,
    model_calls: 1_204,
    model_calls_bytes: 612_400,
    model_calls_limit_bytes: 2 << 20,
    capped_metrics: isEmpty ? [] : [{ metric: "tta_llm_cost_total", records: 41 }],
    capped_labels: [],
    exports: isEmpty ? [] : [{ signal: "traces", result: "ok", exports: 918 }, { signal: "traces", result: "error", exports: 3 }],
    failing_exports: isEmpty ? [] : [{ signal: "metrics", for_seconds: 41, error: "connection refused (localhost:4318)" }],
    scrape_p95_seconds: isEmpty ? 0 : 0.002_4,
    background_cpu_ratio: isEmpty ? null : 0.004_1,
  };
}
