// The spans of a trace as a forest.

import type { Span, SpanId } from "./api";

export interface Node {
  span: Span;
  children: Node[];
  depth: number;
  /** The cost of the span and of all spans inside, in nano-dollars; 0 where none is known. */
  totalCost: bigint;
}

/** Builds the forest. A span whose parent is missing is a root; a circle of parents is cut before its first span. */
export function forest(spans: readonly Span[]): Node[] {
  const nodes = new Map<SpanId, Node>();
  for (const span of spans) {
    nodes.set(span.span_id, { span, children: [], depth: 0, totalCost: BigInt(span.cost_nano_usd ?? 0) });
  }
  const roots: Node[] = [];
  const parentOf = ({ span }: Node) => (span.parent_id === null ? undefined : nodes.get(span.parent_id));
  for (const node of nodes.values()) {
    const parent = parentOf(node);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  const reached = new Set(inOrder(roots));
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    const parent = parentOf(node);
    if (parent !== undefined) parent.children = parent.children.filter((child) => child !== node);
    roots.push(node);
    for (const below of inOrder([node])) reached.add(below);
  }
  // Backwards, children come before their parents.
  for (const node of inOrder(roots).toReversed()) {
    for (const child of node.children) node.totalCost += child.totalCost;
  }
  return roots;
}

/** Lists all nodes, each before its children, and sets their depths. Works without recursion: chains may be long. */
export function inOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const stack = roots.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order.push(node);
    for (const child of node.children.toReversed()) {
      child.depth = node.depth + 1;
      stack.push(child);
    }
  }
  return order;
}

export function end(span: Span): number {
  return span.start_ns + span.duration_ns;
}
