// The rectangles of the flame view: each span as wide as its share of the time or of the cost.

import type { Node } from "./tree";

export type Measure = "time" | "cost";

export interface Cell {
  node: Node;
  depth: number;
  /** From 0 to 1 of the whole width. */
  left: number;
  width: number;
  /** The share of the whole that is the span's own, without the spans inside. */
  own: number;
}

/** Narrower cells cannot be seen and are left out, with all inside. */
const NARROWEST = 0.000_8;

/** Returns the cells, each before those inside, and the number of spans that are too narrow. */
export function flame(roots: readonly Node[], measure: Measure): { cells: Cell[]; tooNarrow: number } {
  const weights = weigh(roots, measure);
  const weight = (node: Node) => weights.get(node) ?? 0;
  const sum = (nodes: readonly Node[]) => nodes.reduce((total, node) => total + weight(node), 0);
  const whole = sum(roots);
  const cells: Cell[] = [];
  let tooNarrow = 0;
  type Place = { nodes: readonly Node[]; depth: number; left: number; width: number };
  const places: Place[] = [{ nodes: roots, depth: 0, left: 0, width: 1 }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { nodes, depth } = place;
    const total = Math.max(sum(nodes), place.width * whole);
    let { left } = place;
    for (const node of nodes) {
      const width = total === 0 ? 0 : (weight(node) / total) * place.width;
      if (width < NARROWEST) {
        tooNarrow += size(node);
        continue;
      }
      const own = whole === 0 ? 0 : Math.max(0, weight(node) - sum(node.children)) / whole;
      cells.push({ node, depth, left, width, own });
      if (node.children.length > 0) places.push({ nodes: node.children, depth: depth + 1, left, width });
      left += width;
    }
  }
  // Each span before those inside, as in the waterfall: that is the order for the keyboard.
  cells.sort((a, b) => a.left - b.left || a.depth - b.depth);
  return { cells, tooNarrow };
}

function weigh(roots: readonly Node[], measure: Measure): Map<Node, number> {
  const weights = new Map<Node, number>();
  const stack = [...roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    weights.set(node, measure === "cost" ? Number(node.totalCost) : node.span.duration_ns);
    stack.push(...node.children);
  }
  return weights;
}

function size(node: Node): number {
  let spans = 0;
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    spans += 1;
    stack.push(...next.children);
  }
  return spans;
}
