// A trace as a file to keep: JSON, OTLP JSON, or one HTML page.

import type { Attribute, Trace } from "./api";
import { messages } from "./chat";
import { readPart } from "./client";
import { clock, duration, exactMoney } from "./format";
import { rows } from "./folding";
import { type OtlpRequest, type Recorded, recorded, withoutContent } from "./recorded";
import type { Node } from "./tree";

const STYLE =
  "body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{padding:2px 12px;text-align:left}" +
  "pre{white-space:pre-wrap;overflow-wrap:anywhere}.n{text-align:right;font-variant-numeric:tabular-nums}tr:nth-child(even){background:#8881}";

/** The whole trace in the form of the OpenTelemetry protocol, written by the program. */
export async function otlp(traceId: string): Promise<string> {
  const path = `traces/${encodeURIComponent(traceId)}/otlp`;
  const first = await readPart(path);
  if (first.next === null) return first.text;
  const resourceSpans: OtlpRequest["resourceSpans"] = [];
  for (let part = first; ; part = await readPart(path + part.next)) {
    resourceSpans.push(...(JSON.parse(part.text) as OtlpRequest).resourceSpans);
    if (part.next === null) return JSON.stringify({ resourceSpans });
  }
}

/** The trace in the form of the API, with all that was recorded of each span. */
export async function json(trace: Trace): Promise<string> {
  const all = await details(trace);
  return JSON.stringify({ ...trace, spans: trace.spans.map((span) => ({ ...span, recorded: all.get(span.span_id) ?? null })) }, null, 2);
}

async function details({ trace_id: id }: Trace): Promise<ReturnType<typeof recorded>> {
  return recorded(JSON.parse(await otlp(id)) as OtlpRequest);
}

/**
 * Builds a page without scripts; texts of the program become text nodes.
 *
 * The elements are plain XML until another browser reads the file: a style of this page would need to be in its policy.
 */
export async function html(trace: Trace, roots: readonly Node[]): Promise<string> {
  const all = await details(trace);
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
  const shown = rows(roots, everything, new Set());
  for (const { node, depth } of shown) {
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
  for (const { node } of shown) {
    const known = all.get(node.span.span_id);
    if (known === undefined) continue;
    const part = add(body, "section", "");
    add(part, "h2", node.span.name);
    add(part, "p", node.span.span_id);
    addRecorded(known, (name, text) => add(part, name, text));
  }
  return `<!doctype html>\n${new XMLSerializer().serializeToString(page.documentElement)}\n`;
}

function addRecorded({ error_message: error, attributes, events }: Recorded, add: (element: string, text: string) => void): void {
  const addOwn = (all: readonly Attribute[]) => {
    const [content, own] = withoutContent(all);
    for (const { role, parts } of messages(content)) {
      add("h3", role);
      for (const { text } of parts) add("pre", text);
    }
    for (const { key, value } of own) add("p", `${key}: ${String(value)}`);
  };
  if (error !== null) add("pre", error);
  addOwn(attributes);
  for (const event of events) {
    add("h3", event.name);
    add("p", clock(event.at_unix_ns));
    addOwn(event.attributes);
  }
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
