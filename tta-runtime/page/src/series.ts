// The samples of the last hour: the first answer has all of them, later ones what is new.

import { useEffect, useState } from "preact/hooks";

import type { Series } from "./api";
import { usePoll } from "./poll";
import { join, type Samples } from "./samples";

export function useSamples(): Samples | undefined {
  const [samples, setSamples] = useState<Samples>();
  const { data } = usePoll<Series>(samples === undefined ? "series" : `series?since=${encodeURIComponent(samples.cursor)}`, 2_500);
  useEffect(() => {
    if (data !== undefined && data.cursor !== samples?.cursor) setSamples((known) => join(known, data));
  }, [data]);
  return samples;
}
