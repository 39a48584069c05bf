import assert from "node:assert/strict";
import { test } from "node:test";

import type { Series } from "../src/api";
import { join } from "../src/samples";

function answer(start: number, values: number[], more: Partial<Series> = {}): Series {
  return {
    step_seconds: 5,
    start_unix_ns: `${start}000000000`,
    cursor: `${start}-${values.length}`,
    reset: false,
    series: [{ name: "error_ratio", unit: "ratio", values }],
    ...more,
  };
}

test("new samples follow the known ones", () => {
  const joined = join(join(undefined, answer(100, [1, 2])), answer(110, [3]));
  assert.deepEqual([joined.times, joined.values.get("error_ratio")], [[100, 105, 110], [1, 2, 3]]);
});

test("an answer without samples changes the cursor alone", () => {
  const known = join(undefined, answer(100, [1]));
  const joined = join(known, answer(105, [], { cursor: "later" }));
  assert.deepEqual([joined.times, joined.cursor], [known.times, "later"]);
});

test("a reset forgets what was known", () => {
  const joined = join(join(undefined, answer(100, [1, 2])), answer(500, [9], { reset: true }));
  assert.deepEqual([joined.times, joined.values.get("error_ratio")], [[500], [9]]);
});

test("no more than an hour is kept", () => {
  const joined = join(join(undefined, answer(0, Array.from({ length: 720 }, () => 0))), answer(3_600, [7]));
  assert.deepEqual([joined.times.length, joined.times[0], joined.values.get("error_ratio")?.at(-1)], [720, 5, 7]);
});
