import assert from "node:assert/strict";
import { test } from "node:test";

import { bySpan, criticalPath, timeOf } from "../src/critical-path";
import { forest } from "../src/tree";
import { span } from "./spans";
import cases from "../../../tta-cli/src/live/critical_paths.json";

/** `tta mcp explain` is tested with the same cases. */
for (const { fact, spans, path } of cases) {
  test(fact, () => {
    const [root] = forest(spans.map(([name, parent, start, end]) => span(String(name), parent as string | null, Number(start), Number(end))));
    assert.ok(root);
    const pieces = criticalPath(root).toReversed();
    assert.deepEqual(pieces.map(({ spanId, startNs, endNs }) => `${spanId} ${startNs}-${endNs}`), path);
    assert.equal(timeOf(pieces), root.span.duration_ns);
  });
}

test("the pieces of a span are found by its id", () => {
  const [root] = forest([span("a", null, 0, 100), span("b", "a", 10, 90)]);
  assert.ok(root);
  assert.equal(timeOf(bySpan(criticalPath(root)).get("a") ?? []), 20);
});
