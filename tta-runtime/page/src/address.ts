// Addresses of views: `#/traces?outcome=timeout`.

export interface Route {
  /** Such as `["traces", "0af7…"]`; never empty. */
  path: readonly string[];
  query: URLSearchParams;
}

const FIRST = "overview";

export function parse(hash: string): Route {
  const text = hash.startsWith("#/") ? hash.slice(2) : "";
  const split = text.indexOf("?");
  const path = (split < 0 ? text : text.slice(0, split)).split("/").filter((part) => part !== "").map(decoded);
  return { path: path.length === 0 ? [FIRST] : path, query: new URLSearchParams(split < 0 ? "" : text.slice(split + 1)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Writes the address of a view; filters that are empty are left out. */
export function href(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") search.set(name, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}
