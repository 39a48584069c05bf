// The view and its filters, as the address bar has them.

import { href, parse } from "./address";
import { Store } from "./store";

export { href } from "./address";

export const route = new Store(parse(location.hash));
addEventListener("hashchange", () => (route.value = parse(location.hash)));

export function go(to: string): void {
  location.hash = to;
}

/** Changes filters in place: typing makes no entry in the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  history.replaceState(history.state, "", href(path, { ...Object.fromEntries(query), ...changes }));
  route.value = parse(location.hash);
}
