// A chart of one measure over the last hour, with a table of its numbers.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

import { useStore } from "./store";
import { Table } from "./table";
import { isDark } from "./theme";

export interface Line {
  name: string;
  /** A name of a colour of the style sheet, such as `--failure`. */
  colour: string;
  dash?: number[];
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  /** The present value, with its unit. */
  now: string;
  /** Unix seconds of each sample. */
  times: readonly number[];
  lines: readonly Line[];
  format(value: number): string;
}

const HEIGHT = 96;
const HOUR_SECONDS = 3_600;
/** The time that the chart of a young program shows. */
const LEAST_SECONDS = 300;

export function Chart(props: Props) {
  const [tableShown, setTableShown] = useState(false);
  const { title, now, lines } = props;
  return (
    <section class="chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <strong>{now}</strong>
      </header>
      <Plot {...props} />
      <footer>
        <ul class="legend">
          {lines.length > 1 &&
            lines.map(({ name, colour, dash }) => (
              <li key={name}>
                <Swatch colour={colour} dash={dash} />
                {name}
              </li>
            ))}
        </ul>
        <button type="button" class="plain" aria-expanded={tableShown} onClick={() => setTableShown(!tableShown)}>
          {tableShown ? "Hide table" : "Table"}
        </button>
      </footer>
      {tableShown && <Numbers {...props} />}
    </section>
  );
}

function Swatch({ colour, dash }: { colour: string; dash: number[] | undefined }) {
  return (
    <svg width="16" height="8" viewBox="0 0 16 8" aria-hidden="true">
      <line x1="0" x2="16" y1="4" y2="4" style={{ stroke: `var(${colour})` }} stroke-width="2" stroke-dasharray={dash?.join(" ")} />
    </svg>
  );
}

function Plot({ title, times, lines, format }: Props) {
  const dark = useStore(isDark);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shape = lines.map(({ name }) => name).join();
  const write = useRef(format);
  write.current = format;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const font = `11px ${style.getPropertyValue("--font")}`;
    const axis = { stroke: colour("--quiet"), font, ticks: { show: false } };
    plot.current = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
        scales: { x: { time: true, range: (_, first, latest) => [latest - Math.max(LEAST_SECONDS, Math.min(HOUR_SECONDS, latest - first)), latest] }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
        axes: [
          { ...axis, size: 20, grid: { show: false }, values: "{HH}:{mm}", space: 64 },
          {
            ...axis,
            size: 60,
            space: 28,
            grid: { stroke: colour("--line"), width: 1 },
            values: (_, values) => values.map((value) => write.current(value)),
          },
        ],
        series: [
          {},
          ...lines.map((line) => ({
            stroke: colour(line.colour),
            width: 1.5,
            points: { show: false },
            ...(line.dash === undefined ? {} : { dash: line.dash }),
          })),
        ],
      },
      [[...times], ...lines.map((line) => [...line.values])],
      element,
    );
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
    // The numbers change each second without a new plot.
  }, [dark, shape]);
  useEffect(() => {
    plot.current?.setData([[...times], ...lines.map((line) => [...line.values])]);
  }, [times, lines]);
  return <div class="plot" ref={box} role="img" aria-label={`${title} over the last hour at most; the table has the numbers`} />;
}

/** The samples of each minute's end, the latest one first: the hour has 720. */
function Numbers({ title, times, lines, format }: Props) {
  const every = 12;
  const indices = times.map((_, index) => index).filter((index) => (times.length - 1 - index) % every === 0);
  return (
    <Table
      caption={`${title}, one row for each minute`}
      rows={indices.toReversed()}
      rowKey={(index) => `${times[index] ?? 0}`}
      columns={[
        { title: "Time", cell: (index) => new Date((times[index] ?? 0) * 1e3).toLocaleTimeString("en-GB") },
        ...lines.map((line) => ({
          title: line.name,
          number: true,
          cell: (index: number) => {
            const value = line.values[index];
            return value === null || value === undefined ? "–" : format(value);
          },
        })),
      ]}
    />
  );
}
