import assert from "node:assert/strict";
import { test } from "node:test";

import { NODE_HEIGHT, NODE_WIDTH, stableLayout, type Topology } from "../src/graph-layout";

const map: Topology = { nodes: ["a", "b", "c"], edges: [["a", "b"], ["a", "c"]] };

test("the same nodes and edges in another order keep the very same layout", () => {
  const layOut = stableLayout();
  const first = layOut(map);
  assert.equal(layOut({ nodes: ["c", "a", "b"], edges: [["a", "c"], ["a", "b"]] }), first);
});

test("a new part moves nothing of the others", () => {
  const layOut = stableLayout();
  const before = layOut(map).places;
  const after = layOut({ nodes: [...map.nodes, "x", "y"], edges: [...map.edges, ["x", "y"]] }).places;
  for (const [name, place] of before) assert.deepEqual(after.get(name), place, name);
});

test("callers are left of what they call, and nothing overlaps", () => {
  const nodes = Array.from({ length: 60 }, (_, index) => `n${index}`);
  const edges = nodes.slice(1).map((name, index) => [`n${Math.floor(index / 3)}`, name] as const);
  const { places, lines } = stableLayout()({ nodes, edges });
  for (const [source, target] of edges) assert.ok((places.get(source)?.x ?? 0) + NODE_WIDTH <= (places.get(target)?.x ?? 0), target);
  const all = [...places.values()];
  const overlaps = all.filter((a, index) => all.slice(index + 1).some((b) => Math.abs(a.x - b.x) < NODE_WIDTH && Math.abs(a.y - b.y) < NODE_HEIGHT));
  assert.equal(overlaps.length, 0);
  assert.equal(lines.size, edges.length);
});

test("a large part keeps callers left of what they call, and draws all of its edges", () => {
  const nodes = Array.from({ length: 300 }, (_, index) => `n${index}`);
  const tree = nodes.slice(1).map((name, index) => [`n${Math.floor(index / 3)}`, name] as const);
  const further = nodes.slice(50, 120).map((name, index) => [`n${(index * 7) % 40}`, name] as const);
  const edges = [...tree, ...further];
  const { places, lines } = stableLayout()({ nodes, edges });
  const x = (name: string) => places.get(name)?.x ?? Number.NaN;
  assert.deepEqual(edges.filter(([source, target]) => x(source) + NODE_WIDTH > x(target)), []);
  assert.equal(lines.size, new Set(edges.map(String)).size);
  const all = [...places.values()];
  const overlaps = all.filter((a, index) => all.slice(index + 1).some((b) => Math.abs(a.x - b.x) < NODE_WIDTH && Math.abs(a.y - b.y) < NODE_HEIGHT));
  assert.equal(overlaps.length, 0);
});

test("a large circle is laid out", () => {
  const nodes = Array.from({ length: 150 }, (_, index) => `n${index}`);
  const edges = nodes.map((name, index) => [name, `n${(index + 1) % 150}`] as const);
  const { places, lines } = stableLayout()({ nodes, edges });
  assert.deepEqual([places.size, lines.size], [150, 150]);
});

test("any text is a name", () => {
  const names = ["__proto__", "constructor", "\u0001", "", "\u0000"];
  const { places, lines } = stableLayout()({ nodes: names, edges: names.slice(1).map((name) => ["__proto__", name] as const) });
  assert.deepEqual([places.size, lines.size], [5, 4]);
});

test("an edge to an unknown node, a circle and a call of itself are no problem", () => {
  const { places, lines } = stableLayout()({ nodes: ["a", "b"], edges: [["a", "b"], ["b", "a"], ["a", "a"], ["a", "gone"]] });
  assert.equal(places.size, 2);
  assert.equal(lines.size, 2);
});
