// The service map: primitives, and who calls whom.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { MapEdge, MapNode, ServiceMap } from "../api";
import { count, percent, rate, seconds, words } from "../format";
import { edgeKey, type Layout, NODE_HEIGHT, NODE_WIDTH, type Place, stableLayout } from "../graph-layout";
import { useKeys } from "../keyboard";
import { Empty, Heading, Money, Text, Type, Waiting } from "../parts";
import { usePoll } from "../poll";
import { go, href, route, setQuery } from "../router";
import { useStore } from "../store";
import { Table } from "../table";

const FILTER_FROM = 60;
const ZOOMS = [0.25, 0.5, 0.75, 1] as const;
const EDGE = 24;

export function MapView() {
  const { data, error } = usePoll<ServiceMap>("map");
  const { query } = useStore(route);
  if (data === undefined) return <Waiting error={error} />;
  const filter = query.get("filter") ?? "";
  const shown = filtered(data, filter);
  const isTable = query.get("as") === "table";
  return (
    <>
      <Heading title="Service map">
        <p>
          {count(shown.nodes.length)} primitives, {count(shown.edges.length)} connections
          {data.left_out_nodes > 0 && `, ${count(data.left_out_nodes)} more primitives are not shown`}
          {data.left_out_edges > 0 && `, ${count(data.left_out_edges)} more connections are not shown`}
        </p>
      </Heading>
      <div class="filters">
        {(data.nodes.length >= FILTER_FROM || filter !== "") && (
          <label>
            Filter
            <input
              data-filter
              type="search"
              value={filter}
              placeholder="name or type"
              onInput={(event) => setQuery({ filter: event.currentTarget.value })}
            />
          </label>
        )}
        <button type="button" aria-pressed={isTable} onClick={() => setQuery({ as: isTable ? "" : "table" })}>
          {isTable ? "Show map" : "Show table"}
        </button>
      </div>
      {data.nodes.length === 0 ? (
        <Empty>No primitive has been called yet.</Empty>
      ) : shown.nodes.length === 0 ? (
        <Empty>No primitive matches this filter.</Empty>
      ) : isTable ? (
        <Tables map={shown} />
      ) : (
        <Picture map={shown} />
      )}
    </>
  );
}

/** Keeps the nodes that match, and their neighbours. */
function filtered(map: ServiceMap, filter: string): ServiceMap {
  const text = filter.trim().toLowerCase();
  if (text === "") return map;
  const matches = ({ name, primitive_type: type }: MapNode) => name.toLowerCase().includes(text) || type.includes(text);
  const matching = new Set(map.nodes.filter(matches).map(({ name }) => name));
  const edges = map.edges.filter(({ source, target }) => matching.has(source) || matching.has(target));
  const kept = new Set([...matching, ...edges.flatMap(({ source, target }) => [source, target])]);
  return { ...map, edges, nodes: map.nodes.filter(({ name }) => kept.has(name)) };
}

function Picture({ map }: { map: ServiceMap }) {
  const [layOut] = useState(stableLayout);
  const layout = layOut({ nodes: map.nodes.map(({ name }) => name), edges: map.edges.map(({ source, target }) => [source, target]) });
  const [zoom, setZoom] = useState<number>();
  const [chosen, setChosen] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const names = useMemo(() => byPlace(layout), [layout]);
  const indices = useMemo(() => new Map(names.map((name, index) => [name, index])), [names]);
  const step = (by: 1 | -1) => {
    const next = names[Math.max(0, Math.min(names.length - 1, names.indexOf(chosen ?? "") + by))];
    setChosen(next);
    box.current?.querySelector<HTMLElement>(`[data-index="${names.indexOf(next ?? "")}"]`)?.focus();
  };
  useKeys({
    move: step,
    open: () => chosen !== undefined && go(href(["traces"], { primitive: chosen })),
    close: () => setChosen(undefined),
  });
  const width = layout.width + 2 * EDGE;
  const height = layout.height + 2 * EDGE;
  const available = box.current?.clientWidth ?? 1_000;
  const scale = zoom ?? Math.max(0.35, Math.min(1, available / width));
  const places = layout.places;
  useEffect(() => {
    // The map begins at a primitive that nothing calls.
    const first = places.get(names[0] ?? "");
    const element = box.current;
    if (element !== null && first !== undefined) element.scrollTop = first.y * scale - element.clientHeight / 2;
  }, [layout]);
  return (
    <>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" aria-pressed={zoom === undefined} onClick={() => setZoom(undefined)}>
          Fit
        </button>
        {ZOOMS.map((value) => (
          <button key={value} type="button" aria-pressed={zoom === value} onClick={() => setZoom(value)}>
            {percent(value).replace(".0", "")}
          </button>
        ))}
      </div>
      <div class="map" ref={box} tabIndex={0} role="region" aria-label="Service map" onMouseLeave={() => setChosen(undefined)}>
        <div class="map-size" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
          <div class="map-canvas" style={{ width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` }}>
            <svg width={width} height={height} viewBox={`${-EDGE} ${-EDGE} ${width} ${height}`} aria-hidden="true">
              {map.edges.map((edge) => (
                <Edge
                  key={`${edge.source}\n${edge.target}\n${edge.connection_type}`}
                  edge={edge}
                  points={layout.lines.get(edgeKey(edge.source, edge.target))}
                  isChosen={chosen === edge.source || chosen === edge.target}
                />
              ))}
            </svg>
            {map.nodes.map((node) => (
              <NodeBox
                key={node.name}
                node={node}
                index={indices.get(node.name) ?? 0}
                place={places.get(node.name)}
                choose={setChosen}
                isChosen={chosen === node.name}
              />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

/** The names column by column, as the keys walk through them. */
function byPlace({ places }: Layout): string[] {
  return [...places].sort(([, a], [, b]) => a.x - b.x || a.y - b.y).map(([name]) => name);
}

function NodeBox(props: { node: MapNode; index: number; place: Place | undefined; isChosen: boolean; choose(name: string): void }) {
  const { node, index, place, isChosen, choose } = props;
  if (place === undefined) return null;
  const failing = (node.error_ratio ?? 0) >= 0.05 ? " failing" : "";
  return (
    <a
      class={`map-node${failing}${isChosen ? " chosen" : ""}`}
      data-index={index}
      href={href(["traces"], { primitive: node.name })}
      style={{ left: `${place.x + EDGE}px`, top: `${place.y + EDGE}px`, width: `${NODE_WIDTH}px`, height: `${NODE_HEIGHT}px` }}
      onMouseEnter={() => choose(node.name)}
      onFocus={() => choose(node.name)}
    >
      <span class="map-name">
        <Type name={node.primitive_type} />
        <Text>{node.name}</Text>
      </span>
      <span class="map-numbers">
        <span>{rate(node.calls_per_second)}</span>
        <span>{node.p95_seconds === null ? "" : `p95 ${seconds(node.p95_seconds)}`}</span>
      </span>
      <span class="map-numbers">
        <span class={failing === "" ? undefined : "bad"}>{node.error_ratio === null ? "" : `${percent(node.error_ratio)} errors`}</span>
        <span>{node.cost_nano_usd === "0" ? "" : <Money nanos={node.cost_nano_usd} />}</span>
      </span>
    </a>
  );
}

function Edge({ edge, points, isChosen }: { edge: MapEdge; points: readonly Place[] | undefined; isChosen: boolean }) {
  const [first] = points ?? [];
  const last = points?.at(-1);
  if (points === undefined || first === undefined || last === undefined) return null;
  const half = Math.floor(points.length / 2);
  const [before, after] = [points[half - 1] ?? first, points[half] ?? last];
  const width = 1 + Math.min(3, Math.log10(1 + edge.calls_per_second * 10));
  return (
    <g class={`edge${isChosen ? " chosen" : ""}`}>
      <path d={curve(points)} stroke-width={width} />
      <path class="arrow" d={`M${last.x - 7} ${last.y - 4} L${last.x} ${last.y} L${last.x - 7} ${last.y + 4}`} />
      {isChosen && (
        <text x={(before.x + after.x) / 2} y={(before.y + after.y) / 2 - 4} text-anchor="middle">
          {`${words(edge.connection_type)} ${rate(edge.calls_per_second)}`}
        </text>
      )}
    </g>
  );
}

/** A smooth line through the points, level at each of them. */
function curve(points: readonly Place[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${first.x} ${first.y}`;
  let from = first;
  for (const to of rest) {
    const reach = Math.max(24, Math.abs(to.x - from.x) / 2);
    path += ` C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`;
    from = to;
  }
  return path;
}

function Tables({ map }: { map: ServiceMap }) {
  const name = (text: string) => (
    <a href={href(["traces"], { primitive: text })}>
      <Text>{text}</Text>
    </a>
  );
  return (
    <>
      <h2>Primitives</h2>
      <Table
        caption="Primitives"
        rows={map.nodes}
        rowKey={(node) => node.name}
        columns={[
          { title: "Primitive", cell: (node) => name(node.name) },
          { title: "Type", cell: (node) => node.primitive_type },
          { title: "Calls", number: true, cell: (node) => rate(node.calls_per_second) },
          { title: "Errors", number: true, cell: (node) => (node.error_ratio === null ? "–" : percent(node.error_ratio)) },
          { title: "p95", number: true, cell: (node) => (node.p95_seconds === null ? "–" : seconds(node.p95_seconds)) },
          { title: "Cost", number: true, cell: (node) => <Money nanos={node.cost_nano_usd} /> },
        ]}
      />
      <h2>Connections</h2>
      <Table
        caption="Connections"
        rows={map.edges}
        rowKey={(edge) => `${edge.source}\n${edge.target}\n${edge.connection_type}`}
        columns={[
          { title: "From", cell: (edge) => name(edge.source) },
          { title: "To", cell: (edge) => name(edge.target) },
          { title: "Connection", cell: (edge) => words(edge.connection_type) },
          { title: "Rate", number: true, cell: (edge) => rate(edge.calls_per_second) },
          { title: "Calls", number: true, cell: (edge) => count(edge.calls) },
        ]}
      />
    </>
  );
}
