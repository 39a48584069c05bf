// The waterfall: a row for each span, with a bar where and how long it ran.

import { useMemo, useState } from "preact/hooks";

import type { SpanId, Trace } from "../api";
import type { Piece } from "../critical-path";
import { count, duration } from "../format";
import { type Row, rows } from "../folding";
import { useKeys } from "../keyboard";
import { Money, Sign, Text, Type } from "../parts";
import { go, href, setQuery } from "../router";
import type { Node } from "../tree";
import { ROW_HEIGHT, VirtualRows } from "../virtual-rows";

interface Props {
  trace: Trace;
  roots: readonly Node[];
  onPath: ReadonlyMap<SpanId, readonly Piece[]>;
  selected: SpanId | null;
}

const MOST_INDENT = 12;
/** The narrowest piece of the critical path that is drawn, as a share of the width. */
const NARROWEST = 1 / 1_000;
const NOTHING: readonly Piece[] = [];

export function Waterfall({ trace, roots, onPath, selected }: Props) {
  const [opened, setOpened] = useState<ReadonlySet<SpanId>>(new Set());
  const [closed, setClosed] = useState<ReadonlySet<SpanId>>(new Set());
  const [search, setSearch] = useState("");
  const all = useMemo(() => rows(roots, opened, closed), [roots, opened, closed]);
  const shown = useMemo(() => matching(all, search), [all, search]);
  const [at, setAt] = useState<number>();
  const selectedAt = useMemo(() => {
    const index = shown.findIndex((row) => row.node.span.span_id === selected);
    return index < 0 ? undefined : index;
  }, [shown, selected]);
  const cursor = at ?? selectedAt;
  const chosen = cursor === undefined ? undefined : shown[cursor];
  useKeys({
    move: (by) => setAt(Math.max(0, Math.min(shown.length - 1, (cursor ?? -1) + by))),
    open: () => {
      if (chosen !== undefined) setQuery({ span: chosen.node.span.span_id });
    },
    unfold: () => {
      const [outermost] = chosen?.folded ?? [];
      const id = chosen?.node.span.span_id;
      setAt(cursor);
      if (id !== undefined && closed.has(id)) setClosed(toggled(closed, id));
      else if (outermost !== undefined) setOpened(toggled(opened, outermost.span.span_id));
    },
    fold: () => {
      if (chosen === undefined || cursor === undefined) return;
      const id = chosen.node.span.span_id;
      setAt(cursor);
      if (opened.has(id)) setOpened(toggled(opened, id));
      else if (chosen.hasChildren && !closed.has(id)) setClosed(toggled(closed, id));
      else {
        const caller = shown.slice(0, cursor).findLastIndex(({ depth }) => depth < chosen.depth);
        if (caller >= 0) setAt(caller);
      }
    },
    close: () => {
      setAt(undefined);
      if (selected === null) go(href(["traces"]));
      else setQuery({ span: "" });
    },
  });
  return (
    <section class="waterfall" aria-label="Waterfall">
      <div class="filters">
        <label>
          Find
          <input data-filter type="search" value={search} placeholder="name, type, model, error" onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <span class="note" role="status">
          {count(shown.length)} rows{search === "" ? "" : " match"}
        </span>
        <span class="legend">
          <span class="path-swatch" aria-hidden="true" /> critical path
        </span>
      </div>
      <div role="grid" aria-label="Spans" aria-rowcount={shown.length + 1} class="grid">
        <div role="rowgroup">
          <div role="row" class="span-row head" aria-rowindex={1}>
            <span role="columnheader">Span</span>
            <span role="columnheader" class="number">Duration</span>
            <span role="columnheader" class="number">Tokens</span>
            <span role="columnheader" class="number">Cost</span>
            <span role="columnheader" class="scale">
              <span>0</span>
              <span>{duration(trace.duration_ns / 2)}</span>
              <span>{duration(trace.duration_ns)}</span>
            </span>
          </div>
        </div>
        <VirtualRows
          label="Spans"
          rows={shown.length}
          inSight={cursor}
          row={(index, key) => {
            const row = shown[index];
            if (row === undefined) return null;
            const id = row.node.span.span_id;
            const [outermost] = row.folded;
            return (
              <SpanRow
                key={key}
                index={index}
                row={row}
                trace={trace}
                onPath={visible(onPath.get(id) ?? NOTHING, trace.duration_ns)}
                refold={opened.has(id) ? () => setOpened(toggled(opened, id)) : undefined}
                isSelected={id === selected}
                isCursor={index === cursor}
                isClosed={closed.has(id)}
                choose={() => {
                  setAt(index);
                  setQuery({ span: id });
                }}
                toggle={() => setClosed(toggled(closed, id))}
                unfold={outermost === undefined ? undefined : () => setOpened(toggled(opened, outermost.span.span_id))}
              />
            );
          }}
        />
      </div>
    </section>
  );
}

function matching(all: readonly Row[], search: string): readonly Row[] {
  const text = search.trim().toLowerCase();
  if (text === "") return all;
  const has = ({ span }: Node) =>
    [span.name, span.primitive, span.primitive_type, span.model, span.error_type, span.outcome].some(
      (part) => part?.toLowerCase().includes(text) === true,
    );
  return all.filter((row) => has(row.node) || row.folded.some(has));
}

/** Keeps the pieces that can be seen, or the longest one. */
function visible(pieces: readonly Piece[], wholeNs: number): readonly Piece[] {
  const length = ({ startNs, endNs }: Piece) => endNs - startNs;
  const wide = pieces.filter((piece) => length(piece) >= wholeNs * NARROWEST);
  return wide.length > 0 ? wide : pieces.toSorted((a, b) => length(b) - length(a)).slice(0, 1);
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

interface RowProps {
  index: number;
  row: Row;
  trace: Trace;
  onPath: readonly Piece[];
  isSelected: boolean;
  isCursor: boolean;
  isClosed: boolean;
  choose(): void;
  toggle(): void;
  unfold: (() => void) | undefined;
  refold: (() => void) | undefined;
}

function SpanRow({ index, row, trace, onPath, isSelected, isCursor, isClosed, choose, toggle, unfold, refold }: RowProps) {
  const { span, totalCost } = row.node;
  const tokens = span.input_tokens + span.output_tokens;
  const whole = Math.max(1, trace.duration_ns);
  const name = span.primitive ?? span.name;
  const outcome = span.outcome ?? (span.error_type === null ? null : "failure");
  const bad = outcome !== null && outcome !== "success";
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      class={`span-row${isSelected ? " selected" : ""}${isCursor ? " cursor" : ""}`}
      style={{ height: `${ROW_HEIGHT}px` }}
      onClick={choose}
    >
      <span role="gridcell" class="span-name" style={{ paddingLeft: `${Math.min(row.depth, MOST_INDENT) * 14 + 4}px` }}>
        {row.hasChildren ? (
          <button
            type="button"
            class="twist"
            tabIndex={-1}
            aria-expanded={!isClosed}
            aria-label={isClosed ? "Show the spans inside" : "Hide the spans inside"}
            onClick={(event) => {
              event.stopPropagation();
              toggle();
            }}
          >
            {isClosed ? "▸" : "▾"}
          </button>
        ) : (
          <span class="twist" />
        )}
        {bad && <Sign outcome={outcome} />}
        <Type name={span.primitive_type} />
        <Text>{name}</Text>
        {unfold !== undefined && (
          <button
            type="button"
            class="chip"
            tabIndex={-1}
            title={`Inside ${row.folded.map((node) => node.span.primitive_type ?? node.span.name).join(", ")}. Show them.`}
            onClick={(event) => {
              event.stopPropagation();
              unfold();
            }}
          >
            +{row.folded.length}
            <span class="unseen"> wrappers, show them</span>
          </button>
        )}
        {refold !== undefined && (
          <button
            type="button"
            class="chip"
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              refold();
            }}
          >
            fold
          </button>
        )}
        {span.retry_attempt !== null && <span class="chip">attempt {span.retry_attempt}</span>}
        {span.cache_hit === true && <span class="chip">cache hit</span>}
        {span.streams && <span class="chip">stream</span>}
      </span>
      <span role="gridcell" class="number">{duration(span.duration_ns)}</span>
      <span role="gridcell" class="number">{tokens === 0 ? "" : count(tokens)}</span>
      <span role="gridcell" class="number">{totalCost === 0n ? "" : <Money nanos={totalCost} />}</span>
      <span role="gridcell" class="track">
        <span class="unseen">{`starts after ${duration(span.start_ns)}${outcome === null ? "" : `, ${outcome}`}${onPath.length > 0 ? ", on the critical path" : ""}`}</span>
        <span
          class={`span-bar ${outcome ?? "none"}`}
          style={{ left: `${(span.start_ns / whole) * 100}%`, width: `${(span.duration_ns / whole) * 100}%` }}
        >
          {span.first_token_ns !== null && (
            <span class="first-token" style={{ left: `${(span.first_token_ns / Math.max(1, span.duration_ns)) * 100}%` }} />
          )}
        </span>
        {onPath.map(({ startNs, endNs }) => (
          <span
            key={startNs}
            class="on-path"
            style={{ left: `${(startNs / whole) * 100}%`, width: `${((endNs - startNs) / whole) * 100}%` }}
          />
        ))}
      </span>
    </div>
  );
}
