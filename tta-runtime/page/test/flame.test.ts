import assert from "node:assert/strict";
import { test } from "node:test";

import type { Span } from "../src/api";
import { flame, type Measure } from "../src/flame";
import { forest } from "../src/tree";
import { span } from "./spans";

function check(spans: Span[], measure: Measure, expected: string[], expectedNarrow = 0): void {
  const { cells, tooNarrow } = flame(forest(spans), measure);
  const text = cells.map(({ node, depth, left, width, own }) => [node.span.name, depth, left, width, own].map((part) => (typeof part === "number" ? Number(part.toFixed(3)) : part)).join(" "));
  assert.deepEqual(text.sort(), expected.sort());
  assert.equal(tooNarrow, expectedNarrow);
}

test("cells are as wide as their share of the time", () => {
  check([span("a", null, 0, 100), span("b", "a", 0, 25), span("c", "a", 50, 100)], "time", ["a 0 0 1 0.25", "b 1 0 0.25 0.25", "c 1 0.25 0.5 0.5"]);
});

test("spans at the same time share the width of their parent", () => {
  check([span("a", null, 0, 100), span("b", "a", 0, 100), span("c", "a", 0, 100)], "time", ["a 0 0 1 0", "b 1 0 0.5 1", "c 1 0.5 0.5 1"]);
});

test("by cost, a span without cost has no cell and is counted", () => {
  const cost = (cost_nano_usd: string) => ({ cost_nano_usd });
  check(
    [span("a", null, 0, 100), span("dear", "a", 0, 1, cost("300")), span("cheap", "a", 1, 99, cost("100")), span("free", "a", 99, 100)],
    "cost",
    ["a 0 0 1 0", "dear 1 0 0.75 0.75", "cheap 1 0.75 0.25 0.25"],
    1,
  );
});
