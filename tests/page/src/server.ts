// A server with the page as it is shipped, its headers, and generated data. It answers as `docs/page.md` says.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

import type { Attribute, Content, Trace, Traces, WhatIf } from "../../../tta-runtime/page/src/api";
import { OUTCOMES } from "../../../tta-runtime/page/src/api";
import { type Data, generate, type Scenario } from "./data";
import type { Held } from "./trace-data";

const DIST = new URL("../../../tta-runtime/page/dist/", import.meta.url);
const PART = 5_000;

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class PageServer {
  readonly #server: Server;
  readonly #page = readFileSync(new URL("page.html.gz", DIST));
  readonly #policy = readFileSync(new URL("page.csp", DIST), "utf8");
  readonly #sockets = new Set<IncomingMessage["socket"]>();
  #scenario: Scenario;
  #instance = 1;
  #data: Data;
  /** The paths that were asked for. */
  readonly requests: string[] = [];
  notModified = 0;
  token: string | undefined;
  /** False while the program seems to be gone. */
  answers = true;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#data = generate(scenario, anHourAgo());
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  listen(port = 0): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`));
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Begins anew, as another instance with other data. */
  restart(scenario: Scenario = this.#scenario): void {
    this.#scenario = scenario;
    this.#instance += 1;
    this.#data = generate(scenario, anHourAgo());
  }

  get data(): Data {
    return this.#data;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://localhost");
    this.requests.push(url.pathname + url.search);
    if (!this.answers) {
      request.socket.destroy();
      return;
    }
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cache-control", "no-store");
    if (url.pathname === "/") {
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-encoding": "gzip",
        "content-security-policy": this.#policy,
        "referrer-policy": "no-referrer",
      });
      response.end(this.#page);
      return;
    }
    try {
      if (!url.pathname.startsWith("/api/v1/")) throw new Refused(404, "unknown_path", "There is no such path.");
      this.#authorize(request);
      const path = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
      // The form of the OpenTelemetry protocol has no envelope.
      const write = path[2] === "otlp" ? this.#writePlain : this.#write;
      const data = this.#read(path, url.searchParams);
      if (path[2] === "otlp") {
        const next = nextPart(this.#data, path[1] ?? "", url.searchParams);
        if (next !== null) response.setHeader("link", `<?after=${next}>; rel="next"`);
      }
      write.call(this, request, response, data);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      response.writeHead(error.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: error.code, message: error.message } }));
    }
  }

  #authorize(request: IncomingMessage): void {
    if (this.token === undefined) return;
    const { authorization } = request.headers;
    if (authorization === undefined) throw new Refused(401, "no_token", "The data needs a bearer token.");
    if (authorization !== `Bearer ${this.token}`) throw new Refused(401, "wrong_token", "This bearer token is wrong.");
  }

  #write(request: IncomingMessage, response: ServerResponse, data: unknown): void {
    const text = JSON.stringify(data);
    const instance = this.#instance.toString(16).padStart(16, "0");
    const etag = `W/"${createHash("sha256").update(instance).update(text).digest("hex").slice(0, 24)}"`;
    response.setHeader("etag", etag);
    response.setHeader("vary", "accept-encoding");
    if (request.headers["if-none-match"] === etag) {
      this.notModified += 1;
      response.writeHead(304).end();
      return;
    }
    const now = (BigInt(Date.now()) * 1_000_000n).toString();
    const body = Buffer.from(`{"instance":"${instance}","now_unix_ns":"${now}","data":${text}}`);
    const packed = String(request.headers["accept-encoding"]).includes("gzip") ? gzipSync(body, { level: 1 }) : undefined;
    response.writeHead(200, { "content-type": "application/json", ...(packed === undefined ? {} : { "content-encoding": "gzip" }) });
    response.end(packed ?? body);
  }

  #writePlain(_: IncomingMessage, response: ServerResponse, data: unknown): void {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(data));
  }

  #read([name = "", id, part, spanId]: string[], query: URLSearchParams): unknown {
    const data = this.#data;
    switch (name) {
      case "series":
        return data.series(query.get("since"));
      case "traces":
        if (id === undefined) return traces(data, query);
        return trace(data, id, part, spanId, query);
      case "what-if":
        return whatIf(data, query);
      case "overview":
      case "map":
      case "models":
      case "budgets":
      case "objectives":
      case "savings":
      case "blocks":
      case "library":
        return data[name];
      default:
        throw new Refused(404, "unknown_path", "There is no such endpoint.");
    }
  }
}

function anHourAgo(): bigint {
  return BigInt(Date.now() - 3_600_000) * 1_000_000n;
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Refused(400, "bad_query", `\`${name}\` is not a number of 0 or more.`);
  return value;
}

function traces(data: Data, query: URLSearchParams): Traces {
  const outcome = query.get("outcome");
  if (outcome !== null && !OUTCOMES.some((known) => known === outcome)) throw new Refused(400, "bad_query", "`outcome` is not an outcome.");
  const [minCost = 0, minSeconds = 0, limit = 100] = ["min_cost", "min_seconds", "limit"].map((name) => number(query, name));
  const [maxCost = Infinity, maxSeconds = Infinity] = ["max_cost", "max_seconds"].map((name) => number(query, name));
  const text = (query.get("text") ?? "").toLowerCase();
  const is = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
  const matching = data.traces.filter(
    (held) =>
      is("outcome", held.row.outcome) &&
      is("workflow", held.row.workflow) &&
      (query.get("model") === null || held.row.models.includes(query.get("model") ?? "")) &&
      (query.get("primitive") === null || held.trace.spans.some(({ primitive }) => primitive === query.get("primitive"))) &&
      Number(held.row.cost_nano_usd ?? 0) >= minCost * 1e9 &&
      Number(held.row.cost_nano_usd ?? 0) <= maxCost * 1e9 &&
      held.row.duration_ns >= minSeconds * 1e9 &&
      held.row.duration_ns <= maxSeconds * 1e9 &&
      hasText(held, text),
  );
  const orders: Record<string, (a: Held, b: Held) => number> = {
    latest: (a, b) => Number(BigInt(b.row.start_unix_ns) - BigInt(a.row.start_unix_ns)),
    slowest: (a, b) => b.row.duration_ns - a.row.duration_ns,
    dearest: (a, b) => Number(b.row.cost_nano_usd ?? 0) - Number(a.row.cost_nano_usd ?? 0),
    failed: (a, b) => b.row.failed_spans - a.row.failed_spans,
  };
  const order = orders[query.get("order") ?? "latest"];
  if (order === undefined) throw new Refused(400, "bad_query", "`order` is one of latest, slowest, dearest, failed.");
  const kept = query.get("order") === "failed" ? matching.filter(({ row }) => row.failed_spans > 0) : matching;
  const rows = kept.toSorted(order).slice(0, limit);
  const unique = (values: (string | null)[]) => [...new Set(values.filter((value) => value !== null))].sort();
  return {
    cursor: "1",
    reset: true,
    traces: rows.map(({ row }) => row),
    left_out: kept.length - rows.length,
    held: data.traces.length,
    held_bytes: data.library.ring_bytes,
    limit_bytes: data.library.ring_limit_bytes,
    workflows: unique(data.traces.map(({ row }) => row.workflow)),
    models: unique(data.traces.flatMap(({ row }) => row.models)),
  };
}

function hasText(held: Held, text: string): boolean {
  if (text === "") return true;
  const attributes = [...held.details.values()].flatMap((detail) => detail.attributes ?? []);
  const texts = [held.row.trace_id, held.row.root, ...held.trace.spans.map(({ name }) => name), ...attributes.map(({ value }) => String(value))];
  return texts.some((part) => part.toLowerCase().includes(text));
}

function trace(data: Data, id: string, part: string | undefined, spanId: string | undefined, query: URLSearchParams): unknown {
  const held = data.traces.find(({ row }) => row.trace_id === id);
  if (held === undefined) throw new Refused(404, "unknown_trace", "This trace is not kept, or no longer.");
  if (part === "otlp") return otlp(data, held, query);
  if (part === "spans") {
    const detail = data.detail(held, spanId ?? "");
    if (detail === undefined) throw new Refused(404, "unknown_span", "This span is not kept, or no longer.");
    return detail;
  }
  const after = Number(query.get("after") ?? 0);
  const spans = held.trace.spans.slice(after, after + PART);
  const next = after + PART < held.trace.spans.length ? String(after + PART) : null;
  return { ...held.trace, spans, next } satisfies Trace;
}

/** Returns the `after` of what follows a part, `null` behind the last one. */
function nextPart(data: Data, id: string, query: URLSearchParams): string | null {
  const spans = data.traces.find(({ row }) => row.trace_id === id)?.trace.spans.length ?? 0;
  const end = Number(query.get("after") ?? 0) + PART;
  return end < spans ? String(end) : null;
}

const CONTENT_KEYS = {
  system_instructions: "gen_ai.system_instructions",
  input_messages: "gen_ai.input.messages",
  output_messages: "gen_ai.output.messages",
  tool_definitions: "gen_ai.tool.definitions",
  tool_arguments: "gen_ai.tool.call.arguments",
  tool_result: "gen_ai.tool.call.result",
  retrieval_documents: "gen_ai.retrieval.documents",
} as const satisfies Record<keyof Content, string>;

/** The attributes of a span and its content, as the protocol has them. */
function otlpAttributes(all: readonly Attribute[], content: Content | null): unknown[] {
  const single = (value: unknown) =>
    typeof value === "boolean" ? { boolValue: value } : typeof value === "number" ? (Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }) : { stringValue: value };
  const own = all.map(({ key, value }) => ({ key, value: Array.isArray(value) ? { arrayValue: { values: value.map(single) } } : single(value) }));
  const texts = Object.entries(content ?? {}).filter(([, text]) => text !== null);
  return [...own, ...texts.map(([name, text]) => ({ key: CONTENT_KEYS[name as keyof Content], value: { stringValue: text } }))];
}

function otlp(data: Data, held: Held, query: URLSearchParams): unknown {
  const { trace } = held;
  const after = Number(query.get("after") ?? 0);
  const recorded = (spanId: string) => {
    const detail = data.detail(held, spanId);
    return {
      attributes: otlpAttributes(detail?.attributes ?? [], detail?.content ?? null),
      events: detail?.events.map((event) => ({
        name: event.name,
        timeUnixNano: (BigInt(trace.start_unix_ns) + BigInt(event.at_ns)).toString(),
        attributes: otlpAttributes(event.attributes, null),
      })),
      status: detail?.error_message == null ? {} : { code: 2, message: detail.error_message },
    };
  };
  const spans = trace.spans.slice(after, after + PART).map((span) => ({
    ...recorded(span.span_id),
    traceId: trace.trace_id,
    spanId: span.span_id,
    parentSpanId: span.parent_id ?? "",
    name: span.name,
    startTimeUnixNano: (BigInt(trace.start_unix_ns) + BigInt(span.start_ns)).toString(),
    endTimeUnixNano: (BigInt(trace.start_unix_ns) + BigInt(span.start_ns + span.duration_ns)).toString(),
  }));
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: "tta" }, spans }] }] };
}

function whatIf(data: Data, query: URLSearchParams): WhatIf {
  const from = query.get("from") ?? "";
  const to = query.get("to") ?? "";
  const name = ({ provider, model }: { provider: string; model: string }) => `${provider}/${model}`;
  const used = data.models.models.find((model) => name(model) === from);
  const target = data.models.priced.find((model) => name(model) === to);
  if (used === undefined) throw new Refused(404, "unknown_model", "This model was not called.");
  if (target === undefined) throw new Refused(404, "unknown_price", "This model has no price.");
  return {
    provider: used.provider,
    model: used.model,
    to_provider: target.provider,
    to_model: target.model,
    calls: used.requests.success,
    left_out_calls: used.requests.timeout,
    actual_nano_usd: used.cost_nano_usd,
    fixed_nano_usd: (BigInt(used.tokens.input) * 150n + BigInt(used.tokens.cached_input) * 75n).toString(),
    output_nano_usd: (BigInt(used.tokens.output) * 600n).toString(),
    unpriced_kinds: [],
  };
}
