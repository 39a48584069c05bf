import assert from "node:assert/strict";
import { test } from "node:test";

import { forest, inOrder, type Node } from "../src/tree";
import { span } from "./spans";

function drawn(roots: readonly Node[]): string[] {
  return inOrder(roots).map(({ span, depth }) => `${"  ".repeat(depth)}${span.name}`);
}

test("a span whose parent is missing is a root", () => {
  const roots = forest([span("a", null, 0, 10), span("b", "a", 1, 4), span("lost", "elsewhere", 2, 3), span("c", "b", 1, 2)]);
  assert.deepEqual(drawn(roots), ["a", "  b", "    c", "lost"]);
});

test("a circle of parents is cut before its first span", () => {
  const roots = forest([span("a", "c", 0, 10), span("b", "a", 1, 4), span("c", "b", 2, 3), span("self", "self", 0, 1)]);
  assert.deepEqual(drawn(roots), ["a", "  b", "    c", "self"]);
});

test("costs add up exactly over the spans inside", () => {
  const cost = (cost_nano_usd: string) => ({ cost_nano_usd });
  const [root] = forest([span("a", null, 0, 9), span("b", "a", 0, 3, cost("9007199254740993")), span("c", "a", 3, 9, cost("1"))]);
  assert.equal(root?.totalCost, 9_007_199_254_740_994n);
});

test("a chain of 100,000 spans is no problem", () => {
  const spans = Array.from({ length: 100_000 }, (_, index) => span(`${index}`, index === 0 ? null : `${index - 1}`, index, 200_000));
  assert.equal(inOrder(forest(spans)).at(-1)?.depth, 99_999);
});
