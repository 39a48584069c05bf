// The list of traces, with its filters.

import { useState } from "preact/hooks";

import type { Traces as TracesData, TraceRow } from "../api";
import { ORDERS, OUTCOMES } from "../api";
import { bytes, clock, count, duration, instant } from "../format";
import { useKeys } from "../keyboard";
import { Dash, Empty, Heading, Money, OutcomeLabel, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { go, href, route, setQuery } from "../router";
import { useStore } from "../store";
import { type Column, Table } from "../table";

/** The filters of the address that the API takes as they are. */
const FILTERS = ["order", "outcome", "workflow", "model", "primitive", "min_cost", "max_cost", "min_seconds", "max_seconds", "text"] as const;
type Filter = (typeof FILTERS)[number];

const LIMIT = "200";

export function Traces() {
  const { query } = useStore(route);
  const value = (filter: Filter) => query.get(filter) ?? "";
  const asked = new URLSearchParams(FILTERS.filter((filter) => value(filter) !== "").map((filter) => [filter, value(filter)]));
  asked.set("limit", LIMIT);
  const { data, error } = usePoll<TracesData>(`traces?${asked.toString()}`, 1_000, "former data");
  return (
    <>
      <Heading title="Traces">
        {data !== undefined && (
          <p>
            {count(data.held)} kept in {bytes(data.held_bytes)} of {bytes(data.limit_bytes)}
          </p>
        )}
      </Heading>
      <Filters value={value} workflows={data?.workflows ?? []} models={data?.models ?? []} />
      {error !== undefined && data !== undefined && <p role="alert">{error}</p>}
      {data === undefined ? <Waiting error={error} /> : <List traces={data} isFiltered={asked.size > 1} />}
    </>
  );
}

interface FilterProps {
  value(filter: Filter): string;
  workflows: readonly string[];
  models: readonly string[];
}

function Filters({ value, workflows, models }: FilterProps) {
  const set = (filter: Filter) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
    setQuery({ [filter]: event.currentTarget.value });
  const choice = (filter: Filter, label: string, options: readonly string[], all: string) => (
    <label>
      {label}
      <select value={value(filter)} onChange={set(filter)}>
        {all !== "" && <option value="">{all}</option>}
        {[...new Set([...options, ...(value(filter) === "" ? [] : [value(filter)])])].map((option) => (
          <option key={option} value={all === "" && option === ORDERS[0] ? "" : option}>
            {option.length > 60 ? `${option.slice(0, 60)}…` : option}
          </option>
        ))}
      </select>
    </label>
  );
  const number = (filter: Filter, label: string, unit: string) => (
    <label>
      {label}
      <span class="unit">
        <input type="number" min="0" step="any" size={6} value={value(filter)} onInput={set(filter)} />
        {unit}
      </span>
    </label>
  );
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      {choice("order", "Order", ORDERS, "")}
      {choice("outcome", "Outcome", OUTCOMES, "any")}
      {choice("workflow", "Workflow", workflows, "any")}
      {choice("model", "Model", models, "any")}
      {number("min_seconds", "Duration from", "s")}
      {number("max_seconds", "Duration to", "s")}
      {number("min_cost", "Cost from", "$")}
      {number("max_cost", "Cost to", "$")}
      <label>
        Text
        <input data-filter type="search" value={value("text")} placeholder="id, name or attribute" onInput={set("text")} />
      </label>
      {value("primitive") !== "" && (
        <button type="button" class="chip" onClick={() => setQuery({ primitive: "" })}>
          primitive <Text>{value("primitive").slice(0, 80)}</Text> <span aria-hidden="true">×</span>
          <span class="unseen">remove this filter</span>
        </button>
      )}
    </form>
  );
}

function List({ traces: { traces, left_out: leftOut }, isFiltered }: { traces: TracesData; isFiltered: boolean }) {
  const [selected, setSelected] = useState<string>();
  useKeys({
    move: (by) => {
      const at = traces.findIndex((trace) => trace.trace_id === selected);
      const next = traces[Math.max(0, Math.min(traces.length - 1, at + by))];
      setSelected(next?.trace_id);
      requestAnimationFrame(() => document.querySelector("[data-row]")?.scrollIntoView({ block: "nearest" }));
    },
    open: () => selected !== undefined && go(href(["traces", selected])),
    close: () => setSelected(undefined),
  });
  if (traces.length === 0) {
    return <Empty>{isFiltered ? "No trace matches these filters." : "No trace has ended yet."}</Empty>;
  }
  return (
    <>
      <Table caption="Traces" rows={traces} rowKey={(trace) => trace.trace_id} columns={COLUMNS} selected={selected} />
      {leftOut > 0 && <p class="note">{count(leftOut)} more match. Narrow the filters to see them.</p>}
    </>
  );
}

const COLUMNS: readonly Column<TraceRow>[] = [
  {
    title: "Trace",
    cell: (trace) => (
      <a href={href(["traces", trace.trace_id])}>
        <Text>{trace.root}</Text>
      </a>
    ),
  },
  {
    title: "Outcome",
    cell: (trace) => (
      <>
        <OutcomeLabel outcome={trace.outcome} />
        {!trace.complete && <span class="note"> incomplete</span>}
      </>
    ),
  },
  { title: "Duration", number: true, cell: (trace) => duration(trace.duration_ns) },
  { title: "Cost", number: true, cell: (trace) => <Money nanos={trace.cost_nano_usd} /> },
  { title: "Tokens", number: true, cell: (trace) => (trace.tokens === "0" ? <Dash /> : count(trace.tokens)) },
  { title: "Spans", number: true, cell: (trace) => count(trace.spans) },
  { title: "Failed", number: true, hint: "Spans that ended in failure, timeout or panic", cell: (trace) => count(trace.failed_spans) },
  { title: "Start", cell: (trace) => <time dateTime={instant(trace.start_unix_ns)}>{clock(trace.start_unix_ns)}</time> },
  { title: "Error", cell: (trace) => (trace.error_type === null ? "" : <Text>{trace.error_type}</Text>) },
  { title: "Models", cell: (trace) => <Text>{trace.models.join(", ")}</Text> },
];
