import assert from "node:assert/strict";
import { test } from "node:test";

import type { Span } from "../src/api";
import { bySpan, criticalPath, timeOf } from "../src/critical-path";
import { forest } from "../src/tree";
import { span } from "./spans";

/** Returns the pieces from the first to the last one, and checks that they fill the root's time without a gap. */
function check(spans: Span[], expected: string[]): void {
  const [root] = forest(spans);
  assert.ok(root);
  const pieces = criticalPath(root).toReversed();
  assert.deepEqual(pieces.map(({ spanId, startNs, endNs }) => `${spanId} ${startNs}-${endNs}`), expected);
  assert.equal(timeOf(pieces), root.span.duration_ns);
}

test("a span without children is its own path", () => {
  check([span("a", null, 5, 15)], ["a 5-15"]);
});

test("calls one after the other are all on the path, with the gaps of the caller", () => {
  check([span("a", null, 0, 100), span("b", "a", 10, 40), span("c", "a", 50, 90)], ["a 0-10", "b 10-40", "a 40-50", "c 50-90", "a 90-100"]);
});

test("of calls at the same time, the one that ended last is on the path", () => {
  check([span("a", null, 0, 100), span("slow", "a", 0, 100), span("quick", "a", 0, 30)], ["slow 0-100"]);
});

test("a call that still ran when the next began did not hold it back", () => {
  check([span("a", null, 0, 100), span("long", "a", 0, 60), span("first", "a", 0, 40), span("last", "a", 50, 100)], ["first 0-40", "a 40-50", "last 50-100"]);
});

test("what runs on after its parent counts up to the parent's end", () => {
  check([span("a", null, 0, 100), span("detached", "a", 80, 300)], ["a 0-80", "detached 80-100"]);
});

test("what begins before its parent counts from the parent's start", () => {
  check([span("a", null, 10, 100), span("early", "a", 0, 50)], ["early 10-50", "a 50-100"]);
});

test("the path goes down to the innermost spans", () => {
  check(
    [span("a", null, 0, 100), span("b", "a", 0, 100), span("c", "b", 20, 60), span("d", "c", 30, 60)],
    ["b 0-20", "c 20-30", "d 30-60", "b 60-100"],
  );
});

test("the pieces of a span are found by its id", () => {
  const [root] = forest([span("a", null, 0, 100), span("b", "a", 10, 90)]);
  assert.ok(root);
  assert.equal(timeOf(bySpan(criticalPath(root)).get("a") ?? []), 20);
});
