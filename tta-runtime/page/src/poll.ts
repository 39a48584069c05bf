// Repeated requests: each second, not while paused, not while hidden.

import { useEffect, useState } from "preact/hooks";

import { connection, read, RequestError } from "./client";
import { Store, useStore } from "./store";

export const paused = new Store(false);

export const hidden = new Store(document.hidden);
document.addEventListener("visibilitychange", () => (hidden.value = document.hidden));

const EVERY_MS = 1_000;

export interface Polled<T> {
  data: T | undefined;
  nowUnixNs: string;
  error: string | undefined;
}

/** What is shown after the path changed, until the new answer is there. */
export type Meanwhile = "nothing" | "former data";

/** Reads an endpoint at once and then each second; keeps the latest data while a later request fails. */
export function usePoll<T>(path: string, everyMs: number = EVERY_MS, meanwhile: Meanwhile = "nothing"): Polled<T> {
  const rests = useRests();
  const [polled, setPolled] = useState<Polled<T> & { path: string }>({ path, data: undefined, nowUnixNs: "0", error: undefined });
  const { instance, tokenNeeded } = useStore(connection);
  const asksForToken = tokenNeeded !== "no";
  useEffect(() => {
    if (rests && polled.path === path && polled.data !== undefined) return undefined;
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const { data, now_unix_ns: nowUnixNs } = await read<T>(path, stop.signal);
        if (stop.signal.aborted) return;
        setPolled({ path, data, nowUnixNs, error: undefined });
      } catch (error) {
        if (stop.signal.aborted) return;
        const text = error instanceof RequestError ? error.message : "The answer cannot be read.";
        setPolled((before) => ({ ...before, path, data: before.path === path ? before.data : undefined, error: text }));
      }
      if (!rests) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
    // A new token or instance asks at once.
  }, [path, rests, everyMs, asksForToken, instance]);
  return polled.path === path || meanwhile === "former data" ? polled : { data: undefined, nowUnixNs: "0", error: undefined };
}

/** Returns whether no new data is wanted at this time. */
export function useRests(): boolean {
  const isPaused = useStore(paused);
  const isHidden = useStore(hidden);
  return isPaused || isHidden;
}
