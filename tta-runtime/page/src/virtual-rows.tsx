// A long list that draws only the rows in sight.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export const ROW_HEIGHT = 24;
const BEYOND = 3;
/** The height of the box with many rows. */
const HEIGHT = "max(240px, calc(100vh - 290px))";

interface Props {
  label: string;
  rows: number;
  /** The row that must be in sight, such as the one that the keys have chosen. */
  inSight: number | undefined;
  /** Draws a row with this key: a row that comes into sight takes the elements of one that left it. */
  row(index: number, key: number): ComponentChildren;
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
  const slots = Math.ceil(height / ROW_HEIGHT) + 2 * BEYOND + 1;
  const shown = [];
  for (let index = from; index < until; index += 1) shown.push(row(index, index % slots));
  return (
    <div
      class="virtual"
      ref={box}
      role="rowgroup"
      aria-label={label}
      tabIndex={0}
      style={{ height: `min(${rows * ROW_HEIGHT + 1}px, ${HEIGHT})` }}
      onScroll={({ currentTarget }) => {
        const next = Math.floor(currentTarget.scrollTop / ROW_HEIGHT);
        // A button whose row leaves would be that of another row.
        if (next !== first && currentTarget.contains(document.activeElement)) currentTarget.focus({ preventScroll: true });
        setFirst(next);
      }}
    >
      <div role="presentation" style={{ height: `${rows * ROW_HEIGHT}px`, paddingTop: `${from * ROW_HEIGHT}px` }}>
        {shown}
      </div>
    </div>
  );
}
