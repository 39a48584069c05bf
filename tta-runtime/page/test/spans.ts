// Spans for tests.

import type { Span } from "../src/api";

/** A span from `start` to `end`, in ns; the id is the name. */
export function span(name: string, parent: string | null, start: number, end: number, more: Partial<Span> = {}): Span {
  return {
    span_id: name,
    parent_id: parent,
    name,
    primitive: name,
    primitive_type: "tool",
    start_ns: start,
    duration_ns: end - start,
    outcome: "success",
    error_type: null,
    model: null,
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    cost_nano_usd: null,
    cost_basis: null,
    cache_hit: null,
    retry_attempt: null,
    streams: false,
    first_token_ns: null,
    has_content: false,
    events: 0,
    ...more,
  };
}
