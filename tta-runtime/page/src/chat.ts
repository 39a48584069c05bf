// Recorded content as messages of a chat.

import type { Content } from "./api";

export interface Message {
  role: string;
  parts: { kind: string; text: string }[];
}

/** Reads content in the form of OpenTelemetry's conventions; other text becomes one part, as it is. */
export function messages(content: Content): Message[] {
  const all: Message[] = [];
  if (content.tool_definitions !== null) all.push({ role: "tools", parts: tools(parse(content.tool_definitions)) });
  if (content.system_instructions !== null) all.push({ role: "system", parts: parts(parse(content.system_instructions)) });
  for (const [text, role] of [
    [content.input_messages, "user"],
    [content.output_messages, "assistant"],
  ] as const) {
    if (text !== null) all.push(...list(text, role));
  }
  for (const [text, role] of [
    [content.tool_arguments, "tool arguments"],
    [content.tool_result, "tool result"],
    [content.retrieval_documents, "documents"],
  ] as const) {
    if (text !== null) all.push({ role, parts: [{ kind: "text", text: readable(parse(text)) }] });
  }
  return all;
}

function list(text: string, role: string): Message[] {
  const value = parse(text);
  if (!Array.isArray(value)) return [{ role, parts: parts(value) }];
  return value.map((message: unknown) => {
    if (!isRecord(message)) return { role, parts: parts(message) };
    const named = typeof message["role"] === "string" ? message["role"] : role;
    return { role: named, parts: parts(message["parts"] ?? message["content"] ?? message) };
  });
}

function parts(value: unknown): Message["parts"] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map((part) => {
    if (!isRecord(part)) return { kind: "text", text: readable(part) };
    const kind = typeof part["type"] === "string" ? part["type"] : "text";
    const text = part["content"] ?? part["text"] ?? part["result"] ?? part["response"];
    if (kind === "tool_call") return { kind, text: `${readable(part["name"] ?? "")}(${readable(part["arguments"] ?? "")})` };
    return { kind, text: readable(text ?? part) };
  });
}

/** One part for each tool that the model may call: its name, its description and its parameters. */
function tools(value: unknown): Message["parts"] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map((tool) => {
    // OpenAI's API has the definition one level deeper.
    const definition = isRecord(tool) && isRecord(tool["function"]) ? tool["function"] : tool;
    if (!isRecord(definition) || typeof definition["name"] !== "string") return { kind: "text", text: readable(tool) };
    const { name, description, parameters } = definition;
    const rest = [description, parameters].filter((part) => part !== undefined && part !== null);
    return { kind: "tool", text: [name, ...rest].map(readable).join("\n") };
  });
}

/** Reads JSON, and what is there of JSON that was cut off; other text is returned as it is. */
function parse(text: string): unknown {
  const whole = json(text);
  return whole === undefined ? (json(closed(text)) ?? text) : whole;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The signs of JSON and its texts, of which the last one may have no end. */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*("?)|[{}[\],:]/gu;

/** Ends JSON where it was cut off: inside of a text, if that is a value, or else after the last whole value. */
function closed(text: string): string {
  const open: string[] = [];
  let before = "";
  let whole = "";
  const end = (to: number) => (whole = text.slice(0, to) + open.toReversed().join(""));
  for (const { 0: token, 1: quote, index } of text.matchAll(TOKEN)) {
    const [sign = ""] = token;
    if (sign === '"') {
      const isName = open.at(-1) === "}" && before !== ":";
      // Half of an escape is none.
      const cut = token.replace(/(?<!\\)((?:\\\\)*)\\u[0-9a-f]{0,3}$/iu, "$1");
      if (quote === "") return isName ? whole : `${text.slice(0, index)}${cut}…"${open.toReversed().join("")}`;
      if (!isName) end(index + token.length);
    } else if (sign === ",") {
      end(index);
    } else if (sign !== ":") {
      if (sign === "{" || sign === "[") open.push(sign === "{" ? "}" : "]");
      else open.pop();
      end(index + 1);
    }
    before = sign;
  }
  return whole;
}

function readable(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
