// Generated traces.

import type { Outcome, Span, SpanDetail, Trace, TraceRow } from "../../../tta-runtime/page/src/api";
import type { Random } from "./random";

export interface Held {
  row: TraceRow;
  trace: Trace;
  details: Map<string, Partial<SpanDetail>>;
}

interface Plan {
  name: string;
  type: string | null;
  /** Milliseconds after the start of the parent. */
  after: number;
  lasts: number;
  with?: Partial<Span>;
  detail?: Partial<SpanDetail>;
  inside?: Plan[];
}

const MS = 1_000_000;

/** Builds a trace of a plan; times in the plan are milliseconds. */
export function traceOf(random: Random, startUnixNs: bigint, plan: Plan, workflow: string | null): Held {
  const spans: Span[] = [];
  const details = new Map<string, Partial<SpanDetail>>();
  const add = ({ name, type, after, lasts, with: more, detail, inside }: Plan, parent: string | null, from: number) => {
    const span: Span = {
      span_id: random.hex(16),
      parent_id: parent,
      name: type === null ? name : `primitive.${type}`,
      primitive: type === null ? null : name,
      primitive_type: type,
      start_ns: Math.round((from + after) * MS),
      duration_ns: Math.round(lasts * MS),
      outcome: "success",
      error_type: null,
      model: null,
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: 0,
      cost_nano_usd: null,
      cost_basis: null,
      cache_hit: null,
      retry_attempt: null,
      streams: false,
      first_token_ns: null,
      has_content: false,
      events: 0,
      ...more,
    };
    spans.push(span);
    if (detail !== undefined) details.set(span.span_id, detail);
    for (const child of inside ?? []) add(child, span.span_id, from + after);
  };
  add(plan, null, 0);
  spans.sort((a, b) => a.start_ns - b.start_ns);
  return held(random.hex(32), startUnixNs, spans, details, workflow);
}

function held(id: string, startUnixNs: bigint, spans: Span[], details: Held["details"], workflow: string | null): Held {
  const [root] = spans;
  if (root === undefined) throw new Error("a trace has a span");
  const costs = spans.flatMap(({ cost_nano_usd: cost }) => (cost === null ? [] : [BigInt(cost)]));
  const failed = spans.filter(({ outcome }) => outcome === "failure" || outcome === "timeout" || outcome === "panicked");
  const row: TraceRow = {
    trace_id: id,
    root: root.primitive ?? root.name,
    workflow,
    start_unix_ns: startUnixNs.toString(),
    duration_ns: root.duration_ns,
    outcome: root.outcome,
    error_type: root.error_type,
    spans: spans.length,
    failed_spans: failed.length,
    models: [...new Set(spans.flatMap(({ model }) => (model === null ? [] : [model])))],
    tokens: spans.reduce((sum, span) => sum + span.input_tokens + span.output_tokens, 0).toString(),
    cost_nano_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0n).toString(),
    complete: true,
  };
  const trace: Trace = {
    trace_id: id,
    start_unix_ns: row.start_unix_ns,
    duration_ns: root.duration_ns,
    complete: true,
    lost_spans: 0,
    spans,
    next: null,
  };
  return { row, trace, details };
}

export function model(name: string, input: number, output: number, nanos: number, more: Partial<Span> = {}): Partial<Span> {
  return { model: name, input_tokens: input, output_tokens: output, cost_nano_usd: nanos.toString(), cost_basis: "priced", ...more };
}

/** A run with everything in it: an error, a retry, a cache hit, a stream, content, folded wrappers. */
export function richPlan(): Plan {
  const chat: Partial<SpanDetail> = {
    content: {
      system_instructions: JSON.stringify([{ type: "text", content: "Answer in two sentences. Cite the document." }]),
      input_messages: JSON.stringify([
        { role: "user", parts: [{ type: "text", content: "Why did the invoice of March rise by 12 %?" }] },
        { role: "assistant", parts: [{ type: "tool_call", name: "lookup", arguments: { month: "2026-03" } }] },
        { role: "tool", parts: [{ type: "tool_call_response", response: { total: "1,204.50", items: 31 } }] },
      ]),
      output_messages: JSON.stringify([
        { role: "assistant", parts: [{ type: "text", content: "Four items were added on 9 March.\nThey explain 11.8 of the 12 points [invoice.pdf, page 2]." }] },
      ]),
      tool_definitions: null,
      tool_arguments: null,
      tool_result: null,
      retrieval_documents: null,
    },
  };
  const answer: Plan = {
    name: "answer",
    type: "llm",
    after: 0.2,
    lasts: 1_240,
    with: model("gpt-4o", 3_812, 214, 11_670_000, { streams: true, first_token_ns: 310 * MS, cached_input_tokens: 2_048, has_content: true }),
    detail: chat,
  };
  const limited = (name: string, lasts: number, outcome: Outcome, inside: Plan[]): Plan => ({
    name,
    type: "timeout",
    after: 0.1,
    lasts,
    with: { outcome },
    inside,
  });
  return {
    name: "answer_question",
    type: "workflow",
    after: 0,
    lasts: 2_460,
    detail: { attributes: [{ key: "workflow.name", value: "answer_question" }, { key: "session.id", value: "s-1042" }, { key: "team", value: "billing" }] },
    inside: [
      {
        name: "find_documents",
        type: "retrieval",
        after: 4,
        lasts: 180,
        inside: [
          { name: "embedding_cache", type: "cache", after: 1, lasts: 2, with: { cache_hit: true } },
          { name: "search_index", type: "tool", after: 5, lasts: 120, inside: [{ name: "GET /search", type: null, after: 4, lasts: 110 }] },
          { name: "search_archive", type: "tool", after: 5, lasts: 172 },
        ],
      },
      {
        name: "route_by_size",
        type: "router",
        after: 190,
        lasts: 2_210,
        inside: [
          {
            name: "with_fallback",
            type: "fallback",
            after: 0.1,
            lasts: 2_209.7,
            inside: [
              {
                name: "retry_answer",
                type: "retry",
                after: 0.1,
                lasts: 2_209.4,
                inside: [
                  {
                    name: "retry_answer",
                    type: "retry",
                    after: 0.1,
                    lasts: 801,
                    with: { outcome: "timeout", error_type: "tta_runtime::TimedOut", retry_attempt: 1 },
                    inside: [
                      limited("answer_limit", 800.4, "timeout", [
                        {
                          name: "answer",
                          type: "llm",
                          after: 0.1,
                          lasts: 800,
                          with: model("gpt-4o", 3_812, 0, 0, { outcome: "timeout", error_type: "tta_runtime::TimedOut", cost_nano_usd: null, cost_basis: "no_usage" }),
                          detail: { error_type: "tta_runtime::TimedOut", error_message: "no answer within 800 ms", events: [{ name: "exception", at_ns: 800 * MS, attributes: [{ key: "exception.type", value: "tta_runtime::TimedOut" }] }] },
                        },
                      ]),
                    ],
                  },
                  {
                    name: "retry_answer",
                    type: "retry",
                    after: 966,
                    lasts: 1_241,
                    with: { retry_attempt: 2 },
                    inside: [limited("answer_limit", 1_240.6, "success", [answer])],
                  },
                ],
              },
            ],
          },
        ],
      },
      { name: "check_citations", type: "guardrail", after: 2_404, lasts: 48, with: { outcome: "failure", error_type: "billing::NoSuchPage" }, detail: { error_type: "billing::NoSuchPage", error_message: "page 2 of invoice.pdf is empty" } },
    ],
  };
}

/** A trace of `spans` spans: batches of tools under many steps. */
export function largeTrace(random: Random, startUnixNs: bigint, spans: number): Held {
  const inside: Plan[] = [];
  for (let made = 1; made < spans; ) {
    const tools: Plan[] = [];
    const steps = Math.min(19, spans - made - 1);
    for (let tool = 0; tool < steps; tool += 1) {
      const outcome = random.next() < 0.02 ? "failure" : "success";
      const isModel = random.next() < 0.2;
      tools.push({
        name: isModel ? "summarise" : "fetch_page",
        type: isModel ? "llm" : "tool",
        after: tool * 2,
        lasts: 1 + random.next() * 40,
        with: {
          outcome,
          error_type: outcome === "failure" ? "std::io::Error" : null,
          ...(isModel ? model("gpt-4o-mini", random.whole(100, 4_000), random.whole(10, 500), random.whole(10_000, 900_000)) : {}),
        },
      });
    }
    inside.push({ name: "step", type: "agent", after: inside.length * 60, lasts: 58, inside: tools });
    made += 1 + tools.length;
  }
  return traceOf(random, startUnixNs, { name: "crawl", type: "workflow", after: 0, lasts: inside.length * 60, inside }, "crawl");
}
