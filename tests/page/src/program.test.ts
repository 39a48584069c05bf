// The page that the main example serves, under load with faults: what it shows is what the program recorded.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import type { Blocks, Library, Models, Savings, ServiceMap, Span, Trace, Traces } from "../../../tta-runtime/page/src/api";
import { count, money, nanos } from "../../../tta-runtime/page/src/format";
import { launch, open } from "./browser";
import { type Metrics, Program } from "./program";
import { PageServer } from "./server";

const VIEWS = ["overview", "map", "traces", "models", "budgets", "objectives", "savings", "blocks", "library"] as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CONTENT = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "span_only", TTA_PAGE: `${32 << 20}` };

let browser: Browser;
let program: Program;
before(async () => {
  browser = await launch();
  // Answers come at once, so that there are moments of rest between the questions.
  program = await Program.start({ rate: 1, faults: 20, latency: 0, environment: CONTENT });
  await until("20 workflows ended", async () => (await program.metrics()).sum("tta_workflow_executions_total") >= 20);
});
after(async () => {
  await browser.close();
  await program.kill();
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`never: ${what}`);
}

/** Runs with a page of the program, on which nothing may go wrong. */
async function visit(hash: string, run: (page: Page) => Promise<void>): Promise<void> {
  const { page, faults, close } = await open(browser, program.address + hash);
  try {
    await run(page);
    assert.deepEqual(faults, []);
  } finally {
    await close();
  }
}

/** Returns the cells of a table's rows by the titles of their columns. */
async function table(page: Page, caption: string): Promise<Record<string, string>[]> {
  return page.evaluate((caption) => {
    const table = [...document.querySelectorAll("main table")].find((table) => table.querySelector("caption")?.textContent === caption);
    const texts = (row: Element | null | undefined) => [...(row?.children ?? [])].map(({ textContent }) => textContent ?? "");
    const titles = texts(table?.querySelector("thead tr"));
    return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) => Object.fromEntries(texts(row).map((text, index) => [titles[index] ?? "", text])));
  }, caption);
}

/** Opens a view at a moment of rest. */
async function shown<T>(view: string, read: (page: Page) => Promise<T>): Promise<{ metrics: Metrics; answer: T }> {
  let found: { metrics: Metrics; answer: T } | undefined;
  await visit("", async (page) => {
    found = await program.atRest(async () => {
      await page.goto("about:blank");
      await page.goto(`${program.address}#/${view}`);
      await page.waitForSelector("main h1");
      return read(page);
    });
  });
  if (found === undefined) throw new Error("the view was not read");
  return found;
}

function usd(metrics: Metrics, name: string, labels: Record<string, string> = {}): string {
  return money(nanos(metrics.sum(name, labels)));
}

test("every view of a running program opens, asks its own program alone, and axe finds nothing", async () => {
  await visit("", async (page) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    const found: string[] = [];
    await page.waitForSelector("main h1");
    await page.evaluate(AXE);
    for (const view of VIEWS) {
      await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
      await page.waitForFunction((name) => document.querySelector('nav [aria-current="page"]')?.getAttribute("href") === `#/${name}`, view);
      await page.waitForSelector("main h1");
      await page.waitForTimeout(300);
      const { violations } = await page.evaluate<{ violations: { id: string }[] }>("axe.run(document, { resultTypes: ['violations'] })");
      found.push(...violations.map(({ id }) => `${view}: ${id}`));
    }
    assert.deepEqual(found, []);
    assert.deepEqual(asked.filter((url) => !url.startsWith(`${program.address}api/v1/`)), [program.address]);
  });
});

/** Objects whose keys are values of labels. */
const BY_LABEL = new Set(["blocks.retries[].results", "blocks.fallbacks[].used", "models.models[].calls_by_price"]);

/** Notes the keys of each object, and the types of all that is neither object nor list nor `null`, by its place. */
function note(place: string, value: unknown, shapes: Map<string, Set<string>>): void {
  const known = shapes.get(place) ?? new Set();
  if (Array.isArray(value)) {
    for (const item of value) note(`${place}[]`, item, shapes);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      known.add(`key ${key}`);
      if (!BY_LABEL.has(place)) note(`${place}.${key}`, item, shapes);
    }
    if (!BY_LABEL.has(place)) shapes.set(place, known);
  } else if (value !== null && !/\.value(\[\])?$/.test(place)) {
    // The values of attributes have any type.
    shapes.set(place, known.add(typeof value));
  }
}

/** Returns the shapes of all answers of an API. */
async function shapes(address: string): Promise<Map<string, Set<string>>> {
  const all = new Map<string, Set<string>>();
  const ask = async (name: string, path: string) => {
    const { data } = (await (await fetch(`${address}api/v1/${path}`)).json()) as { data: unknown };
    note(name, data, all);
    return data;
  };
  for (const name of ["overview", "series", "map", "models", "budgets", "objectives", "savings", "blocks", "library"]) await ask(name, name);
  await ask("what-if", "what-if?from=openai/gpt-4o&to=openai/gpt-4o-mini");
  const { traces } = (await ask("traces", "traces?limit=200")) as Traces;
  for (const { trace_id: id } of traces.slice(0, 40)) {
    const { spans } = (await ask("trace", `traces/${id}`)) as Trace;
    for (const span of spans.filter(({ has_content, events }) => has_content || events > 0).slice(0, 3)) await ask("span", `traces/${id}/spans/${span.span_id}`);
  }
  return all;
}

test("the answers of the program have the keys and the types of api.ts", async () => {
  // The generated answers are checked by the compiler.
  const server = new PageServer("usual");
  const typed = await shapes(await server.listen());
  await server.close();
  const real = await shapes(program.address);
  const both = [...real].filter(([place]) => typed.has(place));
  const differences = both.flatMap(([place, shape]) => {
    const expected = typed.get(place) ?? new Set();
    const added = [...shape].filter((one) => !expected.has(one)).map((one) => `${place}: ${one} is not in api.ts`);
    const missing = [...expected].filter((one) => !shape.has(one)).map((one) => `${place}: ${one} is missing`);
    return [...added, ...missing];
  });
  assert.deepEqual(differences, []);
  const roots = ["overview", "series", "map", "models", "budgets", "objectives", "savings", "blocks", "library", "what-if", "traces", "trace", "span"];
  const rows = ["map.nodes[]", "models.models[]", "budgets.budgets[]", "objectives.objectives[]", "blocks.circuit_breakers[]", "blocks.retries[]", "traces.traces[]", "trace.spans[]", "span.content"];
  for (const place of [...roots, ...rows]) assert.ok(both.some(([compared]) => compared === place), `${place} was not compared`);
});

test("the overview has the sums of the metrics", async () => {
  const { metrics, answer } = await shown("overview", (page) =>
    page.evaluate(() => Object.fromEntries([...document.querySelectorAll("main dl.figures > div")].map((figure) => [figure.querySelector("dt")?.textContent, figure.querySelector("dd")?.textContent]))),
  );
  const unknown = ["unpriced", "no_usage"].reduce((sum, basis) => sum + metrics.sum("tta_llm_calls_by_price_total", { basis }), 0);
  assert.ok(metrics.sum("tta_llm_cost_total") > 0 && unknown > 0);
  assert.deepEqual(answer, {
    "Cost since start": usd(metrics, "tta_llm_cost_total"),
    "Tokens since start": count(metrics.sum("tta_llm_tokens_total")),
    "Calls of unknown cost": count(unknown),
    "Active workflows": count(metrics.sum("tta_workflows_active")),
  });
});

test("the models have the requests, tokens and costs of the metrics", async () => {
  const { metrics, answer } = await shown("models", async (page) => ({
    requests: await table(page, "Requests, cost and speed"),
    tokens: await table(page, "Tokens by kind"),
    bases: await table(page, "Calls by the basis of their cost"),
  }));
  const models = metrics.values("tta_llm_requests_total", "model");
  assert.deepEqual(models, ["gpt-4o", "gpt-4o-mini"]);
  for (const model of models) {
    const own = (rows: Record<string, string>[]) => rows.find((row) => row["Model"] === `openai/${model}`) ?? {};
    assert.equal(own(answer.requests)["Requests"], count(metrics.sum("tta_llm_requests_total", { model })));
    assert.equal(own(answer.requests)["Cost"], usd(metrics, "tta_llm_cost_total", { model }));
    for (const [title, kind] of [["Input", "input"], ["Cached input", "cached_input"], ["Output", "output"]] as const) {
      assert.equal(own(answer.tokens)[title], count(metrics.sum("tta_llm_tokens_total", { model, token_type: kind })), `${model} ${kind}`);
    }
    for (const [title, basis] of [["Priced", "priced"], ["No usage", "no_usage"]] as const) {
      assert.equal(own(answer.bases)[title], count(metrics.sum("tta_llm_calls_by_price_total", { model, basis })), `${model} ${basis}`);
    }
  }
});

test("budgets, objectives and savings have the amounts and counts of the metrics", async () => {
  const budgets = await shown("budgets", (page) => table(page, "Budgets"));
  const [budget] = budgets.answer;
  const of = { budget: "answers" };
  assert.equal(budgets.answer.length, 1);
  assert.equal(budget?.["Budget"], "answers");
  assert.equal(budget["Limit"], "$100.00");
  assert.equal(budget["Spent"], money(nanos(100 - budgets.metrics.sum("tta_budget_unspent_usd", of))));
  const reserved = budgets.metrics.sum("tta_budget_unspent_usd", of) - budgets.metrics.sum("tta_budget_remaining_usd", of);
  assert.equal(budget["Reserved"], money(nanos(reserved)));
  assert.equal(budget["Estimated"], usd(budgets.metrics, "tta_budget_estimated_usd_total", of));

  const objectives = await shown("objectives", (page) => table(page, "Objectives"));
  assert.equal(objectives.answer.length, 2);
  for (const [index, slo] of ["availability", "latency"].entries()) {
    for (const [title, outcome] of [["Good", "good"], ["Bad", "bad"]] as const) {
      const labels = { primitive_name: "answer_question", slo, outcome };
      assert.equal(objectives.answer[index]?.[title], count(objectives.metrics.sum("tta_slo_events_total", labels)), `${slo} ${outcome}`);
    }
  }

  const savings = await shown("savings", (page) => table(page, "Savings by source"));
  for (const source of ["cache", "router"]) {
    const row = savings.answer.find((row) => row["Source"] === source);
    assert.equal(row?.["Saved"], usd(savings.metrics, "tta_llm_savings_total", { source }), source);
  }
});

test("blocks have the counts of the metrics", async () => {
  const { metrics, answer } = await shown("blocks", async (page) => ({
    breakers: await table(page, "Circuit breakers"),
    limits: await table(page, "Time limits"),
    caches: await table(page, "Caches"),
    routers: await table(page, "Routers"),
  }));
  assert.deepEqual(answer.breakers.map((row) => row["Name"]), ["gpt-4o", "gpt-4o-mini"]);
  for (const row of answer.breakers) {
    const calls = { primitive_name: row["Name"] ?? "", result: "permitted" };
    assert.equal(row["Permitted"], count(metrics.sum("tta_circuit_breaker_calls_total", calls)));
  }
  const [limit] = answer.limits;
  assert.equal(limit?.["Name"], "answer_limit");
  assert.equal(limit["In time"], count(metrics.sum("tta_timeout_total", { primitive_name: "answer_limit", result: "in_time" })));
  const [cache] = answer.caches;
  for (const [title, operation] of [["Hits", "hit"], ["Misses", "miss"], ["Coalesced", "coalesced"], ["Expired", "expire"]] as const) {
    assert.equal(cache?.[title], count(metrics.sum("tta_cache_operations_total", { primitive_name: "note_cache", operation })), operation);
  }
  for (const row of answer.routers) {
    const labels = { primitive_name: "write_note", route: row["Route"] ?? "" };
    assert.equal(row["Calls"], count(metrics.sum("tta_router_decisions_total", labels)));
    assert.equal(row["Errors"], count(metrics.sum("tta_router_errors_total", labels)));
  }
});

test("the answers of the API agree with the metrics to the last digit", async () => {
  const { metrics, answer } = await program.atRest(async () => ({
    map: await program.read<ServiceMap>("map"),
    models: await program.read<Models>("models"),
    savings: await program.read<Savings>("savings"),
    blocks: await program.read<Blocks>("blocks"),
    library: await program.read<Library>("library"),
  }));
  const exact = (name: string, labels: Record<string, string> = {}) => nanos(metrics.sum(name, labels)).toString();
  for (const edge of answer.map.edges) {
    const { source, target, connection_type } = edge;
    assert.equal(edge.calls, metrics.sum("tta_connections_total", { source, target, connection_type }));
  }
  assert.equal(answer.map.edges.reduce((sum, { calls }) => sum + calls, 0), metrics.sum("tta_connections_total"));
  for (const { model, requests, cost_nano_usd: cost } of answer.models.models) {
    assert.equal(cost, exact("tta_llm_cost_total", { model }));
    for (const [status, n] of Object.entries(requests)) assert.equal(n, metrics.sum("tta_llm_requests_total", { model, status }));
  }
  assert.equal(answer.savings.cost_nano_usd, exact("tta_llm_cost_total"));
  for (const { name, results } of answer.blocks.retries) {
    for (const [result, n] of Object.entries(results)) assert.equal(n, metrics.sum("tta_retry_attempts_total", { primitive_name: name, result }));
  }
  assert.deepEqual([answer.library.spans_dropped, answer.library.log_records_dropped], [[], []]);
  assert.equal(Number(answer.library.spans_ended), metrics.sum("tta_telemetry_spans_ended_total"));
});

test("a trace has its error, retry, cache hit, stream and content, and is found by its id", async () => {
  const traces = async (query: string) => (await program.read<Traces>(`traces?limit=500&${query}`)).traces.filter(({ complete }) => complete);
  const wanted: [string, (span: Span) => boolean][] = [
    ["an error", ({ outcome, error_type: error }) => outcome === "failure" && error !== null],
    ["a retry", ({ retry_attempt: attempt }) => attempt === 2],
    ["a cache hit", ({ cache_hit: isHit }) => isHit === true],
    ["a stream", ({ streams, first_token_ns: first }) => streams && first !== null],
    ["content", ({ has_content: hasContent, outcome }) => hasContent && outcome === "success"],
  ];
  let rich: Trace | undefined;
  await until("a trace has all of it", async () => {
    for (const { trace_id: id } of await traces("order=failed")) {
      const trace = await program.read<Trace>(`traces/${id}`);
      if (wanted.every(([, is]) => trace.spans.some(is))) rich = trace;
      if (rich !== undefined) return true;
    }
    return false;
  });
  assert.ok(rich !== undefined);
  const { trace_id: id, spans } = rich;
  assert.deepEqual((await traces(`text=${id}`)).map((trace) => trace.trace_id), [id]);
  const [root] = spans.filter(({ parent_id: parent }) => parent === null);
  assert.equal(root?.primitive, "answer_question");
  assert.ok(spans.every(({ start_ns: start, duration_ns: duration }) => start + duration <= root.start_ns + root.duration_ns + 1e6));
  const chat = spans.find(({ has_content: hasContent, outcome, streams }) => hasContent && outcome === "success" && streams);
  await visit(`#/traces/${id}?span=${chat?.span_id ?? ""}`, async (page) => {
    await page.getByText("Answer the question from the numbered notes alone").first().waitFor();
    assert.equal(await page.textContent("main h1"), "answer_question");
    for (const text of ["cache hit", "attempt 2", "stream"]) assert.ok((await page.getByText(text, { exact: true }).count()) > 0, text);
  });
  const otlp = await (await fetch(`${program.address}api/v1/traces/${id}/otlp`)).json() as { resourceSpans: { scopeSpans: { spans: { spanId: string }[] }[] }[] };
  const exported = otlp.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ spanId }) => spanId).sort();
  assert.deepEqual(exported, spans.map(({ span_id: span }) => span).sort());
});

test("a price of another model is that of each call", async () => {
  const { answer } = await program.atRest(async () => ({
    same: await program.read<Record<string, string>>("what-if?from=openai/gpt-4o&to=openai/gpt-4o"),
    models: await program.read<Models>("models"),
  }));
  const { same, models } = answer;
  const own = models.models.find(({ model }) => model === "gpt-4o");
  assert.equal(BigInt(same["fixed_nano_usd"] ?? 0) + BigInt(same["output_nano_usd"] ?? 0), BigInt(own?.cost_nano_usd ?? 0));
  assert.equal(same["actual_nano_usd"], own?.cost_nano_usd);
  assert.equal(same["calls"], own?.calls_by_price.priced);
});

test("after a restart the page says so and goes on", async () => {
  const crashing = await Program.start({ rate: 2, faults: 0, latency: 0 });
  const { page, close } = await open(browser, `${crashing.address}#/overview`);
  await page.waitForSelector("main h1");
  await crashing.kill();
  await page.getByText("does not answer").first().waitFor();
  const again = await Program.start({ rate: 2, faults: 0, latency: 0 }, crashing.port);
  try {
    await page.getByText("The program has restarted.").waitFor({ timeout: 30_000 });
    await page.waitForFunction(() => /^[1-9]/.test([...document.querySelectorAll("main dl.figures > div")].find((figure) => figure.querySelector("dt")?.textContent === "Tokens since start")?.querySelector("dd")?.textContent ?? ""), undefined, { timeout: 30_000 });
  } finally {
    await close();
    await again.kill();
  }
});
