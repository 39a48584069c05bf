// Requests to `/api/v1`.

import type { ApiError, Envelope } from "./api";
import { Store } from "./store";
import { token } from "./token";

export class RequestError extends Error {
  /** 0 if the program did not answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the latest answers say of the program. */
export interface Connection {
  instance: string | null;
  /** True after another instance answered, until the reader has taken note. */
  restarted: boolean;
  tokenNeeded: "no" | "absent" | "wrong";
  /** False while the program does not answer. */
  reached: boolean;
}

export const connection = new Store<Connection>({ instance: null, restarted: false, tokenNeeded: "no", reached: true });

const TIMEOUT_MS = 10_000;
const NOT_MODIFIED = 304;

/** The latest answers with their `ETag`s. The browser keeps none of them: prompts must not end up in its cache. */
const answers = new Map<string, { etag: string; envelope: Envelope<unknown>; readAtMs: number }>();
const MOST_ANSWERS = 16;

/** Reads one endpoint, such as `traces?order=slowest`. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<Envelope<T>> {
  const known = answers.get(path);
  const response = await request(path, signal, known?.etag);
  if (response.status === NOT_MODIFIED && known !== undefined) {
    note(known.envelope.instance);
    // The answer is as it was, and the time has passed.
    const passed = BigInt(Math.round((performance.now() - known.readAtMs) * 1e6));
    return { ...(known.envelope as Envelope<T>), now_unix_ns: (BigInt(known.envelope.now_unix_ns) + passed).toString() };
  }
  const envelope = (await response.json()) as Envelope<T>;
  const etag = response.headers.get("etag");
  answers.delete(path);
  // What follows a cursor is asked for once.
  if (etag !== null && !path.includes("since=")) answers.set(path, { etag, envelope, readAtMs: performance.now() });
  const [oldest] = answers.keys();
  if (answers.size > MOST_ANSWERS && oldest !== undefined) answers.delete(oldest);
  note(envelope.instance);
  return envelope;
}

/** Reads an endpoint that has no envelope; `next` is the query of what follows, if the answer is a part. */
export async function readPart(path: string): Promise<{ text: string; next: string | null }> {
  const response = await request(path);
  const next = /^<(\?[^>]*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  return { text: await response.text(), next };
}

async function request(path: string, signal?: AbortSignal, etag?: string): Promise<Response> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const bearer = token();
  const headers = new Headers();
  if (bearer !== null) headers.set("authorization", `Bearer ${bearer}`);
  if (etag !== undefined) headers.set("if-none-match", etag);
  let response: Response;
  try {
    response = await fetch(`api/v1/${path}`, {
      headers,
      cache: "no-store",
      credentials: "omit",
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    connection.value = { ...connection.value, reached: false };
    throw new RequestError(0, "The program does not answer.");
  }
  if (response.ok || response.status === NOT_MODIFIED) return response;
  if (response.status === 401) {
    connection.value = { ...connection.value, reached: true, tokenNeeded: bearer === null ? "absent" : "wrong" };
  }
  throw new RequestError(response.status, await message(response));
}

async function message(response: Response): Promise<string> {
  const fallback = `The program answered with status ${response.status}.`;
  if (response.headers.get("content-type") !== "application/json") return fallback;
  const body = (await response.json()) as Partial<ApiError>;
  return body.error?.message ?? fallback;
}

function note(instance: string): void {
  const before = connection.value;
  const restarted = before.restarted || (before.instance !== null && before.instance !== instance);
  if (before.instance === instance && before.reached && before.tokenNeeded === "no") return;
  connection.value = { instance, restarted, tokenNeeded: "no", reached: true };
}
