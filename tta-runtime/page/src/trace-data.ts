// A whole trace, read part by part.

import { useEffect, useState } from "preact/hooks";

import type { Trace } from "./api";
import { connection, read, RequestError } from "./client";
import { useRests } from "./poll";
import { useStore } from "./store";

export interface TraceState {
  trace: Trace | undefined;
  error: string | undefined;
}

/** Traces do not change once they are complete; the others are read again every 2 s. */
const AGAIN_MS = 2_000;

export function useTrace(traceId: string): TraceState {
  const [state, setState] = useState<TraceState & { traceId: string }>({ traceId, trace: undefined, error: undefined });
  const { tokenNeeded } = useStore(connection);
  const asksForToken = tokenNeeded !== "no";
  const rests = useRests();
  useEffect(() => {
    if (rests && state.traceId === traceId && state.trace !== undefined) return undefined;
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const trace = await whole(traceId, stop.signal);
        if (stop.signal.aborted) return;
        setState({ traceId, trace, error: undefined });
        if (!trace.complete && !rests) timer = window.setTimeout(() => void ask(), AGAIN_MS);
      } catch (error) {
        if (stop.signal.aborted) return;
        const text = error instanceof RequestError ? error.message : "The answer cannot be read.";
        setState((before) => ({ ...before, traceId, error: text }));
      }
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [traceId, asksForToken, rests]);
  return state.traceId === traceId ? state : { trace: undefined, error: undefined };
}

async function whole(traceId: string, signal: AbortSignal): Promise<Trace> {
  const path = `traces/${encodeURIComponent(traceId)}`;
  const { data: first } = await read<Trace>(path, signal);
  const spans = [...first.spans];
  for (let { next } = first; next !== null; ) {
    const { data } = await read<Trace>(`${path}?after=${encodeURIComponent(next)}`, signal);
    spans.push(...data.spans);
    ({ next } = data);
  }
  return { ...first, spans, next: null };
}
