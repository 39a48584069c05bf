// Fails on what the sources of the page must not have: ways from text to markup, and types that turn checks off.

import { readdir, readFile } from "node:fs/promises";

const FORBIDDEN = [
  [/innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|DOMParser|setHTML|srcdoc/, "markup from text"],
  [/dangerouslySetInnerHTML/, "markup from text"],
  [/\beval\s*\(|new Function\b|javascript:/, "code from text"],
  [/\bany\b(?=\s*[\])>;,=|&[)])|as any\b|:\s*any\b|@ts-(ignore|nocheck|expect-error)/, "a type that turns checks off"],
  [/\sstyle="|setAttribute\(\s*["']style/, "a style attribute, which the policy forbids"],
  [/https?:\/\/(?!jfly\.uni-koeln\.de)/, "an address of another host"],
];

const root = new URL("src/", import.meta.url);
const names = (await readdir(root, { recursive: true })).filter((name) => /\.(tsx?|css|html)$/.test(name));
let found = 0;
for (const name of names.sort()) {
  const lines = (await readFile(new URL(name, root), "utf8")).split("\n");
  lines.forEach((line, index) => {
    for (const [pattern, what] of FORBIDDEN) {
      if (!pattern.test(line)) continue;
      found += 1;
      console.error(`src/${name}:${index + 1}: ${what}: ${line.trim()}`);
    }
  });
}
if (names.length === 0) throw new Error("there are no sources");
if (found > 0) process.exit(1);
console.log(`${names.length} files: no markup or code from text, no unchecked type, no other host`);
