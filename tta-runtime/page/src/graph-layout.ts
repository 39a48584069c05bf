// The places of the service map's nodes. They change only when nodes or edges come or go.

import { Graph, layout } from "@dagrejs/dagre";

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
 * Larger parts keep the first order of their nodes, and one connection to each node decides its place: to look for an order with
 * fewer crossings, and to route every connection around the nodes, takes four times as long as all the rest.
 */
const MOST_REORDERED = 100;
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

function layOut({ nodes, edges }: Topology): Layout {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "LR", nodesep: 16, ranksep: 64, edgesep: 8, ranker: "tight-tree" });
  graph.setDefaultEdgeLabel(() => ({}));
  // A name may be any text, also `__proto__`; numbers are safe.
  const ids = new Map(nodes.map((name, index) => [name, `${index}`]));
  const id = (name: string) => ids.get(name) ?? "";
  for (const name of nodes) graph.setNode(id(name), { width: NODE_WIDTH, height: NODE_HEIGHT });
  const isLarge = nodes.length > MOST_REORDERED;
  for (const [source, target] of isLarge ? deepestToEach({ nodes, edges }) : edges) if (source !== target) graph.setEdge(id(source), id(target));
  layout(graph, { disableOptimalOrderHeuristic: isLarge });
  const places = new Map<string, Place>();
  for (const name of nodes) {
    const { x, y } = graph.node(id(name)) as Place;
    places.set(name, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 });
  }
  const lines = new Map<string, Place[]>();
  for (const [source, target] of edges) {
    const [from, to] = [places.get(source), places.get(target)];
    if (source === target || from === undefined || to === undefined) continue;
    const { points } = (graph.edge(id(source), id(target)) ?? { points: [] }) as { points: Place[] };
    // An edge leaves at the right and arrives at the left; between neighbouring ranks it needs no point in between.
    const between = points.length > 3 ? points.slice(1, -1).map(({ x, y }) => ({ x, y })) : [];
    const middle = NODE_HEIGHT / 2;
    lines.set(edgeKey(source, target), [{ x: from.x + NODE_WIDTH, y: from.y + middle }, ...between, { x: to.x, y: to.y + middle }]);
  }
  return sized(places, lines);
}

/** Returns one edge to each node: that from the caller that is furthest from the first ones, so that all callers stand before it. */
function deepestToEach({ nodes, edges }: Topology): Topology["edges"] {
  const outgoing = new Map<string, string[]>(nodes.map((name) => [name, []]));
  const waitsFor = new Map<string, number>(nodes.map((name) => [name, 0]));
  for (const [source, target] of edges) {
    if (source === target) continue;
    outgoing.get(source)?.push(target);
    waitsFor.set(target, (waitsFor.get(target) ?? 0) + 1);
  }
  const depths = new Map<string, number>();
  const deepest = new Map<string, string>();
  const ready = nodes.filter((name) => waitsFor.get(name) === 0);
  // In a circle each node waits for another one: the first one in the list begins.
  const rest = [...nodes].reverse();
  for (let next = ready.pop() ?? rest.pop(); next !== undefined; next = ready.pop() ?? rest.pop()) {
    if (depths.has(next)) continue;
    const depth = (depths.get(deepest.get(next) ?? "") ?? -1) + 1;
    depths.set(next, depth);
    for (const target of outgoing.get(next) ?? []) {
      if (depths.has(target)) continue;
      const before = deepest.get(target);
      if (before === undefined || (depths.get(before) ?? 0) < depth) deepest.set(target, next);
      const left = (waitsFor.get(target) ?? 0) - 1;
      waitsFor.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return [...deepest].map(([target, source]) => [source, target] as const);
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
