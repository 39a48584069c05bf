// The cost of recorded calls at another model's price.

import type { WhatIf } from "./api";

/** Costs in nano-dollars. */
export interface Comparison {
  actual: bigint;
  /** With answers of the same length. */
  same: bigint;
  /** With answers of `shorter` and of `longer` times the length. */
  low: bigint;
  high: bigint;
  /** `same` less `actual`. */
  difference: bigint;
}

/**
 * Compares, with answers between `shorter` and `longer` times as long, in percent of the recorded length.
 *
 * Only the cost of the output changes with the length. Every sum is exact; a share of a nano-dollar is rounded up.
 */
export function compare(whatIf: WhatIf, shorterPercent: number, longerPercent: number): Comparison {
  const [actual, fixed, output] = [whatIf.actual_nano_usd, whatIf.fixed_nano_usd, whatIf.output_nano_usd].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  const at = (percent: number) => fixed + (output * BigInt(percent) + 99n) / 100n;
  const same = fixed + output;
  return { actual, same, low: at(shorterPercent), high: at(longerPercent), difference: same - actual };
}
