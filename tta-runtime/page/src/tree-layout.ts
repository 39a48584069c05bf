// The places of many nodes, as those of trees: one caller of each node decides its place.

type Edge = readonly [source: string, target: string];

export interface TreePlace {
  /** 0 for a node without a caller, and one more than the furthest of its callers for the others. */
  rank: number;
  /** In heights of a node; half ones are between two. */
  row: number;
}

/** Returns the place of each node. Nodes of one rank are a row or more apart: those below different nodes share no row. */
export function treeLayout(nodes: readonly string[], edges: readonly Edge[]): Map<string, TreePlace> {
  const callers = deepestCallers(nodes, edges);
  const children = new Map<string, string[]>(nodes.map((name) => [name, []]));
  for (const name of nodes) children.get(callers.get(name) ?? "")?.push(name);
  const places = new Map<string, TreePlace>();
  // A chain of calls may be longer than the stack.
  const stack = nodes.filter((name) => !callers.has(name)).map((name) => ({ name, rank: 0 })).reverse();
  const order: { name: string; rank: number }[] = [];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { name, rank } = next;
    order.push(next);
    stack.push(...(children.get(name) ?? []).map((child) => ({ name: child, rank: rank + 1 })).reverse());
  }
  let row = 0;
  // Leaves first, from the bottom: a node stands in the middle of those below it.
  for (const { name, rank } of order.reverse()) {
    const below = (children.get(name) ?? []).map((child) => places.get(child)?.row ?? 0);
    const [first, last] = [below[0], below.at(-1)];
    places.set(name, { rank, row: first === undefined || last === undefined ? row-- : (first + last) / 2 });
  }
  const top = row + 1;
  for (const place of places.values()) place.row -= top;
  return places;
}

/** Returns a caller of each node, by its name: the one that is furthest from the first ones, so that all callers stand before it. */
function deepestCallers(nodes: readonly string[], edges: readonly Edge[]): Map<string, string> {
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
  return deepest;
}
