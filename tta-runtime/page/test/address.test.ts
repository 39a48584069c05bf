import assert from "node:assert/strict";
import { test } from "node:test";

import { href, parse } from "../src/address";

test("an address is read back as it was written, whatever is in it", () => {
  for (const name of ["answer", "a b", "a/b?c#d&e=f", "<img src=x>", "\u202Eabc", "100%", "😀"]) {
    const { path, query } = parse(href(["traces", name], { primitive: name }));
    assert.deepEqual([...path, query.get("primitive")], ["traces", name, name]);
  }
});

test("empty filters are left out, and an empty or broken address is the overview or as it is", () => {
  assert.equal(href(["traces"], { outcome: "", model: undefined }), "#/traces");
  assert.deepEqual(["", "#", "#/", "#token=x"].map((hash) => parse(hash).path[0]), ["overview", "overview", "overview", "overview"]);
  assert.deepEqual(parse("#/traces/%E0%A4%A").path, ["traces", "%E0%A4%A"]);
});
