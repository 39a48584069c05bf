// Numbers as people read them, each with its unit.

const THIN = "\u202f";

/** Writes an amount to the digits that matter: `$12.34`, `$0.0413`, `$0.000125`. */
export function money(nanoUsd: string | bigint): string {
  const nanos = BigInt(nanoUsd);
  if (nanos === 0n) return "$0";
  const fine = decimals(nanos);
  // $0.009999 reads $0.0100 and not $0.01000: the amount that is shown decides.
  const unit = 10n ** BigInt(9 - fine);
  return `$${rounded(nanos, decimals(((nanos + unit / 2n) / unit) * unit))}`;
}

function decimals(nanos: bigint): number {
  if (nanos >= 1_000_000_000n) return 2;
  return nanos >= 10_000_000n ? 4 : Math.min(leadingZeros(nanos) + 3, 9);
}

/** Writes an amount with every digit that it has, and cents at least. */
export function exactMoney(nanoUsd: string | bigint): string {
  const text = rounded(BigInt(nanoUsd), 9);
  const end = Math.max(text.indexOf(".") + 3, text.replace(/0+$/, "").length);
  return `$${text.slice(0, end)}`;
}

/** Zeros after the point of an amount below a dollar. */
function leadingZeros(nanos: bigint): number {
  return 9 - nanos.toString().length;
}

/** Writes nano-dollars as dollars with this many decimals, halves up. */
function rounded(nanos: bigint, decimals: number): string {
  const unit = 10n ** BigInt(9 - decimals);
  const units = (nanos + unit / 2n) / unit;
  const text = units.toString().padStart(decimals + 1, "0");
  const whole = grouped(text.slice(0, text.length - decimals));
  return decimals === 0 ? whole : `${whole}.${text.slice(-decimals)}`;
}

/** Converts to dollars, for charts and widths, where a rounding of 2^-53 does not show. */
export function dollars(nanoUsd: string | bigint): number {
  return Number(nanoUsd) / 1e9;
}

/** Converts dollars that are not exact, such as a rate, to the form that `money` takes. */
export function nanos(usd: number): bigint {
  return BigInt(Math.round(usd * 1e9));
}

/** Writes a duration of nanoseconds: `850 ns`, `1.2 ms`, `3.40 s`, `2 min 5 s`, `3 h 12 min`, `4 d 2 h`. */
export function duration(ns: number): string {
  if (ns === 0) return `0${THIN}s`;
  if (ns < 1_000) return `${Math.round(ns)}${THIN}ns`;
  if (ns < 999_950) return `${(ns / 1e3).toFixed(1)}${THIN}µs`;
  if (ns < 999_950_000) return `${(ns / 1e6).toFixed(1)}${THIN}ms`;
  const seconds = ns / 1e9;
  if (seconds < 59.995) return `${seconds.toFixed(2)}${THIN}s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return pair(whole, 60, "min", 1, "s");
  if (whole < 86_400) return pair(whole, 3_600, "h", 60, "min");
  return pair(whole, 86_400, "d", 3_600, "h");
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  const first = `${Math.floor(seconds / large)}${THIN}${largeName}`;
  return rest === 0 ? first : `${first} ${rest}${THIN}${smallName}`;
}

export function seconds(value: number): string {
  return duration(value * 1e9);
}

/** Writes a count: `1,234`, `12.3 M`. */
export function count(value: number | string | bigint): string {
  const number = Number(value);
  if (Math.abs(number) < 1e6) return grouped(Math.round(number).toString());
  return scaled(number);
}

/** Writes a rate per second: `0.25/s`, `12.4/s`, `1,240/s`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.01) return "<0.01/s";
  const decimals = perSecond < 10 ? 2 : perSecond < 100 ? 1 : 0;
  return perSecond >= 1e6 ? `${scaled(perSecond)}/s` : `${grouped(perSecond.toFixed(decimals))}/s`;
}

/** Writes a ratio as a percentage: `0 %`, `<0.01 %`, `1.25 %`, `42.0 %`. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  const size = Math.abs(value);
  if (size === 0) return `0${THIN}%`;
  if (size < 0.01) return `${value < 0 ? ">−" : "<"}0.01${THIN}%`;
  const text = size < 10 ? size.toFixed(2) : size.toFixed(1);
  // 99.99 must not read as all of it.
  const shown = size < 100 && Number(text) >= 100 ? ">99.9" : text === "100.0" ? "100" : text;
  return `${value < 0 ? "−" : ""}${shown}${THIN}%`;
}

export function bytes(value: number): string {
  if (value < 1_024) return `${value}${THIN}B`;
  if (value < 1_024 ** 2) return `${(value / 1_024).toFixed(1)}${THIN}KiB`;
  return `${(value / 1_024 ** 2).toFixed(2)}${THIN}MiB`;
}

/** Writes the time of day in the reader's zone: `14:03:27.125`. */
export function clock(unixNs: string): string {
  const date = new Date(milliseconds(unixNs));
  const two = (part: number) => part.toString().padStart(2, "0");
  const fraction = date.getMilliseconds().toString().padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}

/** Writes date and time in UTC. */
export function instant(unixNs: string): string {
  return new Date(milliseconds(unixNs)).toISOString();
}

export function milliseconds(unixNs: string): number {
  return Number(BigInt(unixNs) / 1_000_000n);
}

/** Writes an identifier of the API as words: `half_open` becomes `half open`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** Writes an identifier of the API as a title: `cached_input` becomes `Cached input`. */
export function title(name: string): string {
  return words(name.charAt(0).toUpperCase() + name.slice(1));
}

function scaled(number: number): string {
  const [divisor, name] = Math.abs(number) < 1e9 ? [1e6, "M"] : [1e9, "G"];
  return `${(number / divisor).toFixed(2)}${THIN}${name}`;
}

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}
