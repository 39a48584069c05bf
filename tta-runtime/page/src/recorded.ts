// All that was recorded of the spans of a trace, read from its form in the OpenTelemetry protocol.

import type { Attribute, Content, SpanId } from "./api";

export interface Recorded {
  /** `null` without an error. */
  error_message: string | null;
  attributes: Attribute[];
  events: { name: string; at_unix_ns: string; attributes: Attribute[] }[];
}

/** What this page reads of a request of the protocol. */
export interface OtlpRequest {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
}

interface OtlpSpan {
  spanId: SpanId;
  attributes?: OtlpAttribute[];
  events?: { name: string; timeUnixNano: string; attributes?: OtlpAttribute[] }[];
  status?: { message?: string };
}

interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

interface OtlpValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number | string;
  arrayValue?: { values?: OtlpValue[] };
}

export function recorded(request: OtlpRequest): Map<SpanId, Recorded> {
  const spans = request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  return new Map(
    spans.map(({ spanId, attributes: own, events = [], status }) => [
      spanId,
      {
        error_message: status?.message ?? null,
        attributes: attributes(own),
        events: events.map((event) => ({ name: event.name, at_unix_ns: event.timeUnixNano, attributes: attributes(event.attributes) })),
      },
    ]),
  );
}

function attributes(all: readonly OtlpAttribute[] = []): Attribute[] {
  return all.map(({ key, value }) => ({ key, value: value.arrayValue === undefined ? single(value) : (value.arrayValue.values ?? []).map(single) }) as Attribute);
}

/** An integer that is no number of JavaScript stays a text. */
function single({ stringValue, boolValue, intValue, doubleValue }: OtlpValue): string | number | boolean {
  const whole = Number(intValue);
  return stringValue ?? boolValue ?? doubleValue ?? (Number.isSafeInteger(whole) ? whole : (intValue ?? ""));
}

const KEYS: Record<keyof Content, string> = {
  system_instructions: "gen_ai.system_instructions",
  input_messages: "gen_ai.input.messages",
  output_messages: "gen_ai.output.messages",
  tool_definitions: "gen_ai.tool.definitions",
  tool_arguments: "gen_ai.tool.call.arguments",
  tool_result: "gen_ai.tool.call.result",
  retrieval_documents: "gen_ai.retrieval.documents",
};

/** Returns the content of a span, and its attributes without it. */
export function withoutContent(all: readonly Attribute[]): [Content, Attribute[]] {
  const find = (name: keyof Content) => {
    const value = all.find(({ key }) => key === KEYS[name])?.value;
    return value === undefined ? null : String(value);
  };
  const content: Content = {
    system_instructions: find("system_instructions"),
    input_messages: find("input_messages"),
    output_messages: find("output_messages"),
    tool_definitions: find("tool_definitions"),
    tool_arguments: find("tool_arguments"),
    tool_result: find("tool_result"),
    retrieval_documents: find("retrieval_documents"),
  };
  const keys = Object.values(KEYS);
  return [content, all.filter(({ key }) => !keys.includes(key))];
}
