// A trace as a file to keep: JSON, OTLP JSON, or one HTML page.

import type { Trace } from "./api";
import { readPart } from "./client";
import { clock, duration, exactMoney } from "./format";
import { rows } from "./folding";
import type { Node } from "./tree";

const STYLE =
  "body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{padding:2px 12px;text-align:left}" +
  ".n{text-align:right;font-variant-numeric:tabular-nums}tr:nth-child(even){background:#8881}";

/** What a request of the protocol has in common with the parts that follow it. */
interface OtlpRequest {
  resourceSpans: unknown[];
}

/** The whole trace in the form of the OpenTelemetry protocol, written by the program. */
export async function otlp(traceId: string): Promise<string> {
  const path = `traces/${encodeURIComponent(traceId)}/otlp`;
  const first = await readPart(path);
  if (first.next === null) return first.text;
  const resourceSpans: unknown[] = [];
  for (let part = first; ; part = await readPart(path + part.next)) {
    resourceSpans.push(...(JSON.parse(part.text) as OtlpRequest).resourceSpans);
    if (part.next === null) return JSON.stringify({ resourceSpans });
  }
}

export function json(trace: Trace): string {
  return JSON.stringify(trace, null, 2);
}

/**
 * Builds a page without scripts; texts of the program become text nodes.
 *
 * The elements are plain XML until another browser reads the file: a style of this page would need to be in its policy.
 */
export function html(trace: Trace, roots: readonly Node[]): string {
  const page = document.implementation.createDocument(null, "html");
  const add = (to: Element, name: string, text: string, kind?: string) => {
    const element = page.createElement(name);
    element.textContent = text;
    if (kind !== undefined) element.setAttribute("class", kind);
    to.append(element);
    return element;
  };
  const top = add(page.documentElement, "head", "");
  add(top, "meta", "").setAttribute("charset", "utf-8");
  add(top, "title", `Trace ${trace.trace_id}`);
  add(top, "style", STYLE);
  const body = add(page.documentElement, "body", "");
  add(body, "h1", `Trace ${trace.trace_id}`);
  add(body, "p", `${clock(trace.start_unix_ns)}, ${duration(trace.duration_ns)}, ${trace.spans.length} spans`);
  const table = add(body, "table", "");
  const head = add(table, "tr", "");
  for (const title of ["Span", "Type", "Start", "Duration", "Outcome", "Error", "Model", "Tokens", "Cost"]) add(head, "th", title);
  const everything = new Set(trace.spans.map((span) => span.span_id));
  for (const { node, depth } of rows(roots, everything, new Set())) {
    const { span } = node;
    const row = add(table, "tr", "");
    add(row, "td", `${"\u2003".repeat(depth)}${span.name}`);
    add(row, "td", span.primitive_type ?? "");
    add(row, "td", duration(span.start_ns), "n");
    add(row, "td", duration(span.duration_ns), "n");
    add(row, "td", span.outcome ?? "");
    add(row, "td", span.error_type ?? "");
    add(row, "td", span.model ?? "");
    add(row, "td", tokens(span.input_tokens + span.output_tokens), "n");
    add(row, "td", span.cost_nano_usd === null ? "" : exactMoney(span.cost_nano_usd), "n");
  }
  return `<!doctype html>\n${new XMLSerializer().serializeToString(page.documentElement)}\n`;
}

function tokens(count: number): string {
  return count === 0 ? "" : count.toString();
}

/** Offers a text as a file. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
