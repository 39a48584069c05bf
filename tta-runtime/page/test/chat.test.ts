import assert from "node:assert/strict";
import { test } from "node:test";

import type { Content } from "../src/api";
import { messages } from "../src/chat";

const NOTHING = { system_instructions: null, input_messages: null, output_messages: null, tool_definitions: null, tool_arguments: null, tool_result: null, retrieval_documents: null };

function check(content: Partial<Content>, expected: string[]): void {
  const text = messages({ ...NOTHING, ...content }).map(({ role, parts }) => `${role}: ${parts.map(({ kind, text }) => `[${kind}] ${text}`).join(" ")}`);
  assert.deepEqual(text, expected);
}

test("messages of the conventions are read part by part", () => {
  check(
    {
      system_instructions: JSON.stringify([{ type: "text", content: "Be brief." }]),
      input_messages: JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Hi" }] }]),
      output_messages: JSON.stringify([{ role: "assistant", parts: [{ type: "tool_call", name: "find", arguments: "x" }] }]),
    },
    ["system: [text] Be brief.", "user: [text] Hi", "assistant: [tool_call] find(x)"],
  );
});

test("of messages that were cut off, all are shown that are there", () => {
  const chat = JSON.stringify([
    { role: "user", parts: [{ type: "text", content: "Hi" }] },
    { role: "assistant", parts: [{ content: 'So "it"\n\u0001 is', type: "text" }] },
  ]);
  const cut = (end: string) => ({ input_messages: chat.slice(0, chat.indexOf(end) + end.length) });
  check(cut('\\"it'), ["user: [text] Hi", 'assistant: [text] So "it…']);
  check(cut("\\n\\u00"), ["user: [text] Hi", 'assistant: [text] So "it"\n…']);
  check(cut("\\n\\"), ["user: [text] Hi", 'assistant: [text] So "it"\n…']);
  check(cut('"assistant","par'), ["user: [text] Hi", 'assistant: [text] {\n  "role": "assistant"\n}']);
  check(cut('"Hi"'), ["user: [text] Hi"]);
});

test("text that is no JSON is shown as it is", () => {
  check({ input_messages: "Hi [there", tool_result: "12 items, {all" }, ["user: [text] Hi [there", "tool result: [text] 12 items, {all"]);
});

test("a shortened message is one of the list", () => {
  const list = [
    { role: "user", parts: [{ type: "text", content: "… 12 left out …" }] },
    { role: "user", parts: [{ type: "text", content: "Why? … 1234 bytes left out … So?" }] },
  ];
  check({ input_messages: JSON.stringify(list) }, ["user: [text] … 12 left out …", "user: [text] Why? … 1234 bytes left out … So?"]);
});

test("the tools that the model may call come first", () => {
  const tools = [
    { type: "function", name: "weather", description: "Of a city.", parameters: { type: "object" } },
    { type: "function", function: { name: "time" } },
    "… 3 left out …",
  ];
  check({ tool_definitions: JSON.stringify(tools), input_messages: '"Hi"' }, [
    'tools: [tool] weather\nOf a city.\n{\n  "type": "object"\n} [tool] time [text] … 3 left out …',
    "user: [text] Hi",
  ]);
});

test("other shapes are shown as JSON, and never fail", () => {
  check({ input_messages: "[1,null,[2]]", output_messages: '{"a":1}' }, ["user: [text] 1", "user: [text] null", "user: [text] 2", 'assistant: [text] {\n  "a": 1\n}']);
});

test("arguments and results of tools are messages", () => {
  check({ retrieval_documents: '[{"id":"doc-7","score":0.92}]' }, ['documents: [text] [\n  {\n    "id": "doc-7",\n    "score": 0.92\n  }\n]']);
  check({ tool_arguments: '{"id":7}', tool_result: '"done"' }, ['tool arguments: [text] {\n  "id": 7\n}', "tool result: [text] done"]);
});
