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

/** Traces are read again every 2 s, and more rarely once their roots have ended: only spans that outlive the root still come. */
const AGAIN_MS = 2_000;
const AGAIN_ENDED_MS = 5_000;

export function useTrace(traceId: string): TraceState {
  const [state, setState] = useState<TraceState & { traceId: string }>({ traceId, trace: undefined, error: undefined });
  const { tokenNeeded } = useStore(connection);
  const asksForToken = tokenNeeded !== "no";
  const rests = useRests();
  useEffect(() => {
    if (rests && state.traceId === traceId && state.trace !== undefined) return undefined;
    const stop = new AbortController();
    let timer = 0;
    let former: readonly Trace[] = [];
    const ask = async () => {
      let againMs = AGAIN_MS;
      try {
        const parts = await readParts(traceId, stop.signal);
        if (stop.signal.aborted) return;
        // A trace that is as it was is not drawn anew.
        if (parts.length !== former.length || parts.some((part, place) => part !== former[place])) {
          setState({ traceId, trace: whole(parts), error: undefined });
        }
        former = parts;
        if (parts[0].complete) againMs = AGAIN_ENDED_MS;
      } catch (error) {
        if (stop.signal.aborted) return;
        const text = error instanceof RequestError ? error.message : "The answer cannot be read.";
        setState((before) => ({ traceId, trace: before.traceId === traceId ? before.trace : undefined, error: text }));
        former = [];
      }
      if (!rests) timer = window.setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [traceId, asksForToken, rests]);
  return state.traceId === traceId ? state : { trace: undefined, error: undefined };
}

/** Returns the answers of which a trace consists; those that have not changed are the same objects as before. */
async function readParts(traceId: string, signal: AbortSignal): Promise<[Trace, ...Trace[]]> {
  const path = `traces/${encodeURIComponent(traceId)}`;
  const { data: first } = await read<Trace>(path, signal);
  const parts: [Trace, ...Trace[]] = [first];
  for (let { next } = first; next !== null; ) {
    const { data } = await read<Trace>(`${path}?after=${encodeURIComponent(next)}`, signal);
    parts.push(data);
    ({ next } = data);
  }
  return parts;
}

function whole(parts: readonly [Trace, ...Trace[]]): Trace {
  return { ...parts[0], spans: parts.flatMap((part) => part.spans), next: null };
}
