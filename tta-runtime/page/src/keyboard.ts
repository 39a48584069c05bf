// The keys: `/ j k ← → Enter Esc p ?`.

import { useLayoutEffect } from "preact/hooks";

import { paused } from "./poll";
import { Store } from "./store";

export const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ["/", "go to the filter"],
  ["j", "next row"],
  ["k", "previous row"],
  ["→", "show what is inside the row, then the wrappers folded into it"],
  ["←", "fold the wrappers again, hide what is inside, or go to the caller"],
  ["Enter", "open the row"],
  ["Esc", "leave the filter, close, go back"],
  ["p", "pause or resume"],
  ["?", "show or hide the keys"],
];

/** What the keys do in the view that is shown. */
export interface Target {
  move?(by: 1 | -1): void;
  open?(): void;
  /** Shows what is inside the row. */
  unfold?(): void;
  /** Hides what is inside the row. */
  fold?(): void;
  close?(): void;
}

let target: Target = {};
export const helpShown = new Store(false);

/** Gives the keys to a view while it is shown. */
export function useKeys(keys: Target): void {
  // With the drawing, not after it: the next key may come before the next frame.
  useLayoutEffect(() => {
    target = keys;
    return () => {
      if (target === keys) target = {};
    };
  });
}

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event.key, event.target)) event.preventDefault();
  });
}

/** Returns whether the key was for the page. */
function press(key: string, on: EventTarget | null): boolean {
  const field = on instanceof HTMLElement && on.matches("input, select, textarea") ? on : null;
  if (key === "Escape") return escape(field);
  if (field !== null || (on instanceof HTMLElement && key === "Enter" && on.matches("a, button, summary"))) return false;
  if (helpShown.value && key !== "?") return false;
  switch (key) {
    case "/":
      return focusFilter();
    case "j":
      return ran(target.move, () => target.move?.(1));
    case "k":
      return ran(target.move, () => target.move?.(-1));
    case "ArrowRight":
      return ran(target.unfold, () => target.unfold?.());
    case "ArrowLeft":
      return ran(target.fold, () => target.fold?.());
    case "Enter":
      return ran(target.open, () => target.open?.());
    case "p":
      paused.value = !paused.value;
      return true;
    case "?":
      helpShown.value = !helpShown.value;
      return true;
    default:
      return false;
  }
}

function escape(field: HTMLElement | null): boolean {
  if (helpShown.value) helpShown.value = false;
  else if (field !== null) field.blur();
  else return ran(target.close, () => target.close?.());
  return true;
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLElement>("[data-filter]");
  filter?.focus();
  return filter !== null;
}

function ran(present: unknown, run: () => void): boolean {
  if (present === undefined) return false;
  run();
  return true;
}
