// A long list that draws only the rows in sight.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export const ROW_HEIGHT = 24;
const BEYOND = 6;
/** The height of the box with many rows. */
const HEIGHT = "max(240px, calc(100vh - 290px))";

interface Props {
  label: string;
  rows: number;
  /** The row that must be in sight, such as the one that the keys have chosen. */
  inSight: number | undefined;
  row(index: number): ComponentChildren;
}

/** The rows of a grid; each must be `ROW_HEIGHT` pixels high. */
export function VirtualRows({ label, rows, inSight, row }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null || inSight === undefined) return;
    const top = inSight * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + ROW_HEIGHT - element.clientHeight;
    }
  }, [inSight]);
  const from = Math.max(0, Math.min(first, rows - 1) - BEYOND);
  const until = Math.min(rows, first + Math.ceil(height / ROW_HEIGHT) + BEYOND);
  const shown = [];
  for (let index = from; index < until; index += 1) shown.push(row(index));
  return (
    <div
      class="virtual"
      ref={box}
      role="rowgroup"
      aria-label={label}
      tabIndex={0}
      style={{ height: `min(${rows * ROW_HEIGHT + 1}px, ${HEIGHT})` }}
      onScroll={(event) => setFirst(Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT))}
    >
      <div role="presentation" style={{ height: `${rows * ROW_HEIGHT}px`, paddingTop: `${from * ROW_HEIGHT}px` }}>
        {shown}
      </div>
    </div>
  );
}
