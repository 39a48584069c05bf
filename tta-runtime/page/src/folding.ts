// Chains of wrappers, such as a retry in a fallback, that are shown as one row.

import type { Span, SpanId } from "./api";
import type { Node } from "./tree";

/** A row of the waterfall: a span, and the wrappers around it that are folded into its row. */
export interface Row {
  node: Node;
  /** From the outermost to the innermost one. */
  folded: Node[];
  depth: number;
  hasChildren: boolean;
}

/** The types of spans with `primitive.wrapper`. A test of the library reads them here. */
const WRAPPERS: ReadonlySet<string> = new Set([
  "fallback",
  "retry",
  "circuit_breaker",
  "loop_guard",
  "timeout",
  "router",
  "cache",
  "budget",
  "conditional",
  "switch",
  "sequential",
  "parallel",
  "saga",
]);

/** The longest time that a wrapper may add, in ns, besides a hundredth of its duration. */
const MOST_ADDED_NS = 1_000_000;

/** Returns whether a span only passes on what its single child did. */
export function isWrapper(node: Node): boolean {
  const [child, second] = node.children;
  if (child === undefined || second !== undefined) return false;
  const { span } = node;
  const added = span.duration_ns - child.span.duration_ns;
  const isBlock = WRAPPERS.has(span.primitive_type ?? "");
  const addsNothing = added <= Math.max(MOST_ADDED_NS, span.duration_ns / 100) && span.outcome === child.span.outcome;
  return isBlock && addsNothing && !isTelling(span);
}

/** Returns whether a span has something to show that its child has not. */
function isTelling(span: Span): boolean {
  const isSecondAttempt = (span.retry_attempt ?? 1) > 1;
  return span.model !== null || span.cost_nano_usd !== null || span.cache_hit === true || span.has_content || isSecondAttempt;
}

/**
 * Lists the rows of a forest, each before those inside.
 *
 * A chain of wrappers is one row unless its outermost span is in `opened`; what is inside a span of `closed` is left out.
 */
export function rows(roots: readonly Node[], opened: ReadonlySet<SpanId>, closed: ReadonlySet<SpanId>): Row[] {
  const all: Row[] = [];
  const stack: { node: Node; depth: number; open: boolean }[] = [];
  for (const node of roots.toReversed()) stack.push({ node, depth: 0, open: false });
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const folded: Node[] = [];
    let { node } = next;
    const open = next.open || opened.has(node.span.span_id);
    while (!open && isWrapper(node)) {
      folded.push(node);
      const [child] = node.children;
      if (child === undefined) break;
      node = child;
    }
    all.push({ node, folded, depth: next.depth, hasChildren: node.children.length > 0 });
    if (closed.has(node.span.span_id)) continue;
    // An opened chain stays open to its end.
    const below = open && isWrapper(node);
    for (const child of node.children.toReversed()) stack.push({ node: child, depth: next.depth + 1, open: below });
  }
  return all;
}
