import assert from "node:assert/strict";
import { test } from "node:test";

import type { WhatIf } from "../src/api";
import { compare } from "../src/what-if";

function whatIf(actual: string, fixed: string, output: string): WhatIf {
  return {
    provider: "openai",
    model: "gpt-4o",
    to_provider: "openai",
    to_model: "gpt-4o-mini",
    calls: 1,
    left_out_calls: 0,
    actual_nano_usd: actual,
    fixed_nano_usd: fixed,
    output_nano_usd: output,
    unpriced_kinds: [],
  };
}

test("only the cost of the output changes with the length of the answers", () => {
  assert.deepEqual(compare(whatIf("1000", "300", "100"), 50, 200), { actual: 1_000n, same: 400n, low: 350n, high: 500n, difference: -600n });
});

test("sums are exact beyond 2^53, and a share of a nano-dollar is rounded up", () => {
  const large = compare(whatIf("9007199254740993", "9007199254740993", "3"), 50, 200);
  assert.deepEqual([large.same, large.low, large.difference], [9_007_199_254_740_996n, 9_007_199_254_740_995n, 3n]);
});
