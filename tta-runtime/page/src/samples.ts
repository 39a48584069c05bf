// Samples of the last hour, and how new ones are joined to them.

import type { Series, SeriesName } from "./api";
import { milliseconds } from "./format";

export interface Samples {
  cursor: string;
  /** Unix seconds. */
  times: number[];
  values: Map<SeriesName, (number | null)[]>;
}

const HOUR_SECONDS = 3_600;

/** Joins what is new to what is known, and drops samples older than an hour. */
export function join(known: Samples | undefined, answer: Series): Samples {
  const start = milliseconds(answer.start_unix_ns) / 1e3;
  const added = Math.max(0, ...answer.series.map(({ values }) => values.length));
  if (known !== undefined && !answer.reset && added === 0) return { ...known, cursor: answer.cursor };
  const before = answer.reset ? undefined : known;
  const most = HOUR_SECONDS / answer.step_seconds;
  const last = <V>(list: V[]) => list.slice(-most);
  const times = Array.from({ length: added }, (_, index) => start + index * answer.step_seconds);
  const values = answer.series.map(
    ({ name, values }) => [name, last([...(before?.values.get(name) ?? []), ...values])] as const,
  );
  return { cursor: answer.cursor, times: last([...(before?.times ?? []), ...times]), values: new Map(values) };
}
