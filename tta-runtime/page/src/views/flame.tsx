// The flame view: each span as wide as its share of the time or of the cost.

import { useMemo, useRef } from "preact/hooks";

import type { SpanId } from "../api";
import { type Cell, flame, type Measure } from "../flame";
import { count, duration, money, percent } from "../format";
import { useKeys } from "../keyboard";
import { Empty } from "../parts";
import { go, href, setQuery } from "../router";
import type { Node } from "../tree";

interface Props {
  roots: readonly Node[];
  by: Measure;
  selected: SpanId | null;
}

const ROW = 22;
const SHADES = 5;

export function Flame({ roots, by, selected }: Props) {
  const { cells, tooNarrow } = useMemo(() => flame(roots, by), [roots, by]);
  const list = useRef<HTMLDivElement>(null);
  useKeys({
    // Enter presses the button that has the focus.
    move: (by) => {
      const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
      const focused = buttons.findIndex((button) => button === document.activeElement);
      const at = focused >= 0 ? focused : buttons.findIndex((button) => button.classList.contains("selected"));
      buttons[Math.max(0, Math.min(buttons.length - 1, at + by))]?.focus();
    },
    close: () => (selected === null ? go(href(["traces"])) : setQuery({ span: "" })),
  });
  const depth = cells.reduce((most, cell) => Math.max(most, cell.depth), 0) + 1;
  return (
    <section aria-label="Flame view">
      <div class="filters">
        <label>
          Width and shade by
          <select value={by} onChange={(event) => setQuery({ by: event.currentTarget.value === "cost" ? "cost" : "" })}>
            <option value="time">time</option>
            <option value="cost">cost</option>
          </select>
        </label>
        <span class="note">
          The stronger the colour, the larger the own share of a span.
          {tooNarrow > 0 && ` ${count(tooNarrow)} spans ${by === "cost" ? "have no cost or " : ""}are too narrow to show; the waterfall has all.`}
        </span>
      </div>
      {by === "cost" && cells.length === 0 ? (
        <Empty>No span of this trace has a known cost.</Empty>
      ) : (
        <div class="flame" role="list" ref={list} style={{ height: `${depth * ROW}px` }}>
          {cells.map((cell) => (
            <Block key={cell.node.span.span_id} cell={cell} by={by} isSelected={cell.node.span.span_id === selected} />
          ))}
        </div>
      )}
    </section>
  );
}

function Block({ cell, by, isSelected }: { cell: Cell; by: Measure; isSelected: boolean }) {
  const { span, totalCost } = cell.node;
  const name = span.primitive ?? span.name;
  const value = by === "cost" ? money(totalCost) : duration(span.duration_ns);
  const shade = Math.min(SHADES - 1, Math.floor(Math.sqrt(cell.own) * SHADES));
  return (
    <div
      role="listitem"
      class="flame-place"
      style={{ left: `${cell.left * 100}%`, width: `${cell.width * 100}%`, top: `${cell.depth * ROW}px` }}
    >
      <button
        type="button"
        class={`flame-cell shade-${shade}${isSelected ? " selected" : ""}`}
        title={`${name.slice(0, 200)}\n${value}, own share ${percent(cell.own)}`}
        aria-label={`${name.slice(0, 200)}, ${value}, own share ${percent(cell.own)}`}
        onClick={() => setQuery({ span: span.span_id })}
      >
        {cell.width > 0.03 && (
          <>
            <bdi>{name.slice(0, 100)}</bdi> {value}
          </>
        )}
      </button>
    </div>
  );
}
