// The critical path: the spans that the end of a trace waited for.

import type { SpanId } from "./api";
import { end, type Node } from "./tree";

/** A piece of time that nothing but this span filled. */
export interface Piece {
  spanId: SpanId;
  startNs: number;
  endNs: number;
}

/**
 * Returns the pieces of the critical path from the last to the first one. They do not overlap and fill the root's time.
 *
 * Walks back from the root's end: the child that ended last is what the parent waited for; before it started, the child that
 * ended last before then, and so on. Time that no child covers is the parent's own.
 */
export function criticalPath(root: Node): Piece[] {
  const pieces: Piece[] = [];
  type Step = { node: Node; from: number; until: number };
  const steps: Step[] = [{ node: root, from: root.span.start_ns, until: end(root.span) }];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { node, from } = step;
    let { until } = step;
    const inner: Step[] = [];
    const own: Piece[] = [];
    const last = until;
    const byEnd = node.children.toSorted((a, b) => end(b.span) - end(a.span));
    for (const child of byEnd) {
      // What runs on after its parent counts up to the parent's end.
      const childEnd = Math.min(end(child.span), last);
      const childStart = Math.max(child.span.start_ns, from);
      // A child that still ran when the next piece began did not hold that piece back.
      if (childEnd > until || childStart >= childEnd) continue;
      if (childEnd < until) own.push({ spanId: node.span.span_id, startNs: childEnd, endNs: until });
      inner.push({ node: child, from: childStart, until: childEnd });
      until = childStart;
    }
    if (until > from) own.push({ spanId: node.span.span_id, startNs: from, endNs: until });
    pieces.push(...own);
    steps.push(...inner);
  }
  return pieces.sort((a, b) => b.startNs - a.startNs);
}

/** Sorts the pieces by their spans. */
export function bySpan(pieces: readonly Piece[]): Map<SpanId, Piece[]> {
  const spans = new Map<SpanId, Piece[]>();
  for (const piece of pieces) {
    const known = spans.get(piece.spanId);
    if (known === undefined) spans.set(piece.spanId, [piece]);
    else known.push(piece);
  }
  return spans;
}

/** Returns the time of pieces in ns. */
export function timeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
}
