// Recorded content as messages of a chat.

import type { Content } from "./api";

export interface Message {
  role: string;
  parts: { kind: string; text: string }[];
}

/** Reads content in the form of OpenTelemetry's conventions; other text becomes one part, as it is. */
export function messages(content: Content): Message[] {
  const all: Message[] = [];
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

/** Text that a limit cut off is no JSON any more: it is shown as it is. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function readable(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
