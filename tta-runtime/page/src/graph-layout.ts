// The places of the service map's nodes. They change only when nodes or edges come or go.

import { Graph, layout } from "@dagrejs/dagre";

import { treeLayout } from "./tree-layout";

export interface Place {
  x: number;
  y: number;
}

export interface Layout {
  /** The upper left corner of each node, by its name. */
  places: Map<string, Place>;
  /** The points through which each edge runs, around the nodes, by `edgeKey`. */
  lines: Map<string, Place[]>;
  width: number;
  height: number;
}

export interface Topology {
  nodes: readonly string[];
  edges: readonly (readonly [source: string, target: string])[];
}

export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 62;
const GAP = 28;
/**
 * Larger parts are laid out as trees: to look for an order with fewer crossings, and to route every connection around the nodes, takes
 * longer than a reader waits.
 */
const MOST_REORDERED = 100;
const NODE_GAP = 16;
const RANK_GAP = 64;
/** Connected parts are put beside each other up to this width. */
const ROW_WIDTH = 1_400;

export function edgeKey(source: string, target: string): string {
  return JSON.stringify([source, target]);
}

/** Returns a function that lays out a topology, and returns the former layout as long as the topology is the same. */
export function stableLayout(): (topology: Topology) => Layout {
  let key = "";
  let last: Layout = { places: new Map(), lines: new Map(), width: 0, height: 0 };
  const parts = new Map<string, Layout>();
  return (topology) => {
    const sorted = inOrder(topology);
    const next = keyOf(sorted);
    if (next !== key) {
      key = next;
      last = pack(connected(sorted).map((part) => cached(parts, part)));
    }
    return last;
  };
}

function inOrder({ nodes, edges }: Topology): Topology {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const known = new Set(nodes);
  const inside = edges.filter(([source, target]) => known.has(source) && known.has(target));
  return {
    nodes: nodes.toSorted(compare),
    edges: inside.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1])),
  };
}

function keyOf(topology: Topology): string {
  return JSON.stringify(topology);
}

/** Keeps the layout of a part that did not change while another one did. */
function cached(parts: Map<string, Layout>, part: Topology): Layout {
  const key = keyOf(part);
  const known = parts.get(key);
  if (known !== undefined) return known;
  const fresh = layOut(part);
  if (parts.size > 100) parts.clear();
  parts.set(key, fresh);
  return fresh;
}

function layOut(part: Topology): Layout {
  return part.nodes.length > MOST_REORDERED ? asTree(part) : inRanks(part);
}

function asTree({ nodes, edges }: Topology): Layout {
  const places = new Map<string, Place>();
  for (const [name, { rank, row }] of treeLayout(nodes, edges)) {
    places.set(name, { x: rank * (NODE_WIDTH + RANK_GAP), y: row * (NODE_HEIGHT + NODE_GAP) });
  }
  return withLines(places, edges, () => []);
}

function inRanks({ nodes, edges }: Topology): Layout {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "LR", nodesep: NODE_GAP, ranksep: RANK_GAP, edgesep: 8, ranker: "tight-tree" });
  graph.setDefaultEdgeLabel(() => ({}));
  // A name may be any text, also `__proto__`; numbers are safe.
  const ids = new Map(nodes.map((name, index) => [name, `${index}`]));
  const id = (name: string) => ids.get(name) ?? "";
  for (const name of nodes) graph.setNode(id(name), { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const [source, target] of edges) if (source !== target) graph.setEdge(id(source), id(target));
  layout(graph);
  const places = new Map<string, Place>();
  for (const name of nodes) {
    const { x, y } = graph.node(id(name)) as Place;
    places.set(name, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 });
  }
  return withLines(places, edges, (source, target) => {
    const { points } = graph.edge(id(source), id(target)) as { points: Place[] };
    // Between neighbouring ranks no point in between is needed.
    return points.length > 3 ? points.slice(1, -1).map(({ x, y }) => ({ x, y })) : [];
  });
}

/** Adds the lines to the places: an edge leaves at the right, and arrives at the left. */
function withLines(places: Map<string, Place>, edges: Topology["edges"], between: (source: string, target: string) => Place[]): Layout {
  const lines = new Map<string, Place[]>();
  const middle = NODE_HEIGHT / 2;
  for (const [source, target] of edges) {
    const [from, to] = [places.get(source), places.get(target)];
    if (source === target || from === undefined || to === undefined) continue;
    const inner = between(source, target);
    lines.set(edgeKey(source, target), [{ x: from.x + NODE_WIDTH, y: from.y + middle }, ...inner, { x: to.x, y: to.y + middle }]);
  }
  return sized(places, lines);
}

/** Splits a topology into its connected parts, the largest one first. */
function connected({ nodes, edges }: Topology): Topology[] {
  const neighbours = new Map<string, string[]>(nodes.map((name) => [name, []]));
  for (const [source, target] of edges) {
    neighbours.get(source)?.push(target);
    neighbours.get(target)?.push(source);
  }
  const partOf = new Map<string, number>();
  let parts = 0;
  for (const name of nodes) {
    if (partOf.has(name)) continue;
    const stack = [name];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (partOf.has(next)) continue;
      partOf.set(next, parts);
      stack.push(...(neighbours.get(next) ?? []));
    }
    parts += 1;
  }
  const topologies = Array.from({ length: parts }, () => ({
    nodes: [] as string[],
    edges: [] as (readonly [string, string])[],
  }));
  for (const name of nodes) topologies[partOf.get(name) ?? 0]?.nodes.push(name);
  for (const edge of edges) topologies[partOf.get(edge[0]) ?? 0]?.edges.push(edge);
  return topologies.sort((a, b) => b.nodes.length - a.nodes.length);
}

/** Puts parts beside each other, in rows. */
function pack(parts: Layout[]): Layout {
  const places = new Map<string, Place>();
  const lines = new Map<string, Place[]>();
  const rowWidth = Math.max(ROW_WIDTH, ...parts.map((part) => part.width));
  let [x, y, rowHeight] = [0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > rowWidth) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0];
    for (const [name, place] of part.places) places.set(name, { x: x + place.x, y: y + place.y });
    for (const [key, points] of part.lines) lines.set(key, points.map((point) => ({ x: x + point.x, y: y + point.y })));
    x += part.width + GAP;
    rowHeight = Math.max(rowHeight, part.height);
  }
  return sized(places, lines);
}

function sized(places: Map<string, Place>, lines: Map<string, Place[]>): Layout {
  let [width, height] = [0, 0];
  for (const { x, y } of places.values()) {
    width = Math.max(width, x + NODE_WIDTH);
    height = Math.max(height, y + NODE_HEIGHT);
  }
  return { places, lines, width, height };
}
