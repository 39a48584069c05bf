import assert from "node:assert/strict";
import { test } from "node:test";

import type { Span } from "../src/api";
import { rows } from "../src/folding";
import { forest } from "../src/tree";
import { span } from "./spans";

function check(spans: Span[], opened: string[], closed: string[], expected: string[]): void {
  const shown = rows(forest(spans), new Set(opened), new Set(closed));
  const text = shown.map(({ node, folded, depth }) => {
    const chain = folded.length === 0 ? "" : ` (${folded.map((wrapper) => wrapper.span.name).join(", ")})`;
    return `${"  ".repeat(depth)}${node.span.name}${chain}`;
  });
  assert.deepEqual(text, expected);
}

const MS = 1_000_000;
const wrapped = (): Span[] => [
  span("plan", null, 0, 1_000 * MS),
  span("fallback", "plan", 0, 900 * MS, { primitive_type: "fallback" }),
  span("breaker", "fallback", 0, 900 * MS, { primitive_type: "circuit_breaker" }),
  span("attempt", "breaker", 0, 899 * MS, { primitive_type: "retry", retry_attempt: 1 }),
  span("ask", "attempt", 0, 899 * MS, { primitive_type: "llm", model: "gpt-4o" }),
  span("http", "ask", 0, 890 * MS),
];

test("a chain of wrappers is the row of what it wraps", () => {
  check(wrapped(), [], [], ["plan", "  ask (fallback, breaker, attempt)", "    http"]);
});

test("an opened chain shows each of its spans", () => {
  check(wrapped(), ["fallback"], [], ["plan", "  fallback", "    breaker", "      attempt", "        ask", "          http"]);
});

test("what is inside a closed span is left out", () => {
  check(wrapped(), [], ["ask"], ["plan", "  ask (fallback, breaker, attempt)"]);
});

test("a guard against loops and a switch are wrappers", () => {
  for (const kind of ["loop_guard", "switch"]) {
    check([span("layer", null, 0, 10, { primitive_type: kind }), span("ask", "layer", 0, 10, { primitive_type: "llm" })], [], [], ["ask (layer)"]);
  }
});

test("a wrapper that took time of its own has its own row", () => {
  const spans = wrapped().map((it) => (it.name === "breaker" ? span("breaker", "fallback", 0, 899 * MS, { primitive_type: "circuit_breaker" }) : it));
  const slow = spans.map((it) => (it.name === "fallback" ? span("fallback", "plan", 0, 960 * MS, { primitive_type: "fallback" }) : it));
  check(slow, [], [], ["plan", "  fallback", "    ask (breaker, attempt)", "      http"]);
});

test("a second attempt, another outcome and a cache hit are not hidden", () => {
  const one = (more: Partial<Span>) => [
    span("retry", null, 0, 10, { primitive_type: "retry", ...more }),
    span("ask", "retry", 0, 10, { primitive_type: "llm" }),
  ];
  check(one({}), [], [], ["ask (retry)"]);
  for (const telling of [{ retry_attempt: 2 }, { outcome: "failure" }, { cache_hit: true }] as Partial<Span>[]) {
    check(one(telling), [], [], ["retry", "  ask"]);
  }
});

test("a span of another library has its own row", () => {
  check([span("GET /search", null, 0, 10, { primitive_type: null, primitive: null }), span("ask", "GET /search", 0, 10)], [], [], ["GET /search", "  ask"]);
});

test("a wrapper with several spans inside has its own row", () => {
  check(
    [span("retry", null, 0, 10, { primitive_type: "retry" }), span("a", "retry", 0, 4), span("b", "retry", 5, 10)],
    [],
    [],
    ["retry", "  a", "  b"],
  );
});
