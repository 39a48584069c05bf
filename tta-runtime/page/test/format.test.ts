import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, count, duration, exactMoney, money, nanos, percent, rate, title } from "../src/format";

/** Thin spaces stand between numbers and units. */
function check(write: (value: never) => string, cases: readonly (readonly [unknown, string])[]): void {
  const written = cases.map(([value]) => write(value as never).replaceAll("\u202f", " "));
  assert.deepEqual(written, cases.map(([, expected]) => expected));
}

test("amounts have the digits that matter, and round halves up", () => {
  check(money, [
    ["0", "$0"],
    ["1", "$0.000000001"],
    ["18900", "$0.0000189"],
    ["4590000", "$0.00459"],
    ["9999999", "$0.0100"],
    ["11670000", "$0.0117"],
    ["310440000", "$0.3104"],
    ["999999999", "$1.00"],
    ["1000000000", "$1.00"],
    ["1005000000", "$1.01"],
    ["1234567890123", "$1,234.57"],
    ["18446744073709551615", "$18,446,744,073.71"],
  ]);
});

test("an exact amount has every digit, also beyond 2^53", () => {
  check(exactMoney, [
    ["0", "$0.00"],
    ["5000000000", "$5.00"],
    ["4995000", "$0.004995"],
    ["1", "$0.000000001"],
    ["9007199254740993", "$9,007,199.254740993"],
  ]);
});

test("durations change their unit before they round over it", () => {
  check(duration, [
    [0, "0 s"],
    [850, "850 ns"],
    [1_200, "1.2 µs"],
    [999_949, "999.9 µs"],
    [999_950, "1.0 ms"],
    [999_949_999, "999.9 ms"],
    [999_950_000, "1.00 s"],
    [59_994_000_000, "59.99 s"],
    [59_999_000_000, "1 min"],
    [125_000_000_000, "2 min 5 s"],
    [11_520_000_000_000, "3 h 12 min"],
    [352_800_000_000_000, "4 d 2 h"],
  ]);
});

test("counts, rates, shares and sizes have their units", () => {
  check(count, [[0, "0"], [1_234, "1,234"], [999_999, "999,999"], ["18342911", "18.34 M"], [2.5e9, "2.50 G"]]);
  check(rate, [[0, "0/s"], [0.004, "<0.01/s"], [0.25, "0.25/s"], [12.44, "12.4/s"], [1_240, "1,240/s"], [2e6, "2.00 M/s"]]);
  check(percent, [[0, "0 %"], [0.000_01, "<0.01 %"], [0.0125, "1.25 %"], [0.42, "42.0 %"], [0.99999, ">99.9 %"], [1, "100 %"], [-0.284, "−28.4 %"]]);
  check(bytes, [[512, "512 B"], [41_200, "40.2 KiB"], [4_194_304, "4.00 MiB"]]);
});

test("rates of money become whole nano-dollars, and names become words", () => {
  assert.equal(nanos(0.1 + 0.2), 300_000_000n);
  assert.equal(title("cached_input"), "Cached input");
});
