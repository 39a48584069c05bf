// The bearer token: given once in the address as `#token=…`, then kept for the tab.

const KEY = "tta.token";

/** Moves a token from the address to the tab's storage, so that it is not shared with the address. */
export function takeTokenFromAddress(): void {
  const match = /^#token=([^&]*)(?:&(.*))?$/.exec(location.hash);
  if (match === null) return;
  sessionStorage.setItem(KEY, decoded(match[1] ?? ""));
  history.replaceState(null, "", `${location.pathname}${match[2] ? `#${match[2]}` : ""}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

export function setToken(value: string): void {
  sessionStorage.setItem(KEY, value);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
