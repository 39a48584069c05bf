import assert from "node:assert/strict";
import { test } from "node:test";

import type { Content } from "../src/api";
import { messages } from "../src/chat";

function check(content: Partial<Content>, expected: string[]): void {
  const nothing = { system_instructions: null, input_messages: null, output_messages: null, tool_arguments: null, tool_result: null };
  const text = messages({ ...nothing, ...content }).map(({ role, parts }) => `${role}: ${parts.map(({ kind, text }) => `[${kind}] ${text}`).join(" ")}`);
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

test("text that a limit cut off is shown as it is", () => {
  check({ input_messages: '[{"role":"user","par' }, ['user: [text] [{"role":"user","par']);
});

test("other shapes are shown as JSON, and never fail", () => {
  check({ input_messages: "[1,null,[2]]", output_messages: '{"a":1}' }, ["user: [text] 1", "user: [text] null", "user: [text] 2", 'assistant: [text] {\n  "a": 1\n}']);
});

test("arguments and results of tools are messages", () => {
  check({ tool_arguments: '{"id":7}', tool_result: '"done"' }, ['tool arguments: [text] {\n  "id": 7\n}', "tool result: [text] done"]);
});
