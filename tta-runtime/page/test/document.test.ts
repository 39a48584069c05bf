import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the document of the API has every field of the types", () => {
  const types = read("../src/api.ts");
  const fields = [...types.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name ?? "");
  const document = read("../../../docs/page.md");
  const described = new Set([...document.matchAll(/[\w.]+/g)].map(([word]) => word));
  assert.ok(fields.length > 100, `${fields.length} fields`);
  assert.deepEqual(fields.filter((name) => !described.has(name)), []);
});
