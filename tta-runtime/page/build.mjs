// Builds the page into one file: `page.html`, the same compressed, and the policy that its scripts and styles need.
//
// With `--check` it writes nothing and fails if the files differ from what it would write.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { gzipSync } from "fflate";

const here = new URL("./", import.meta.url);
const MOST_BYTES = 80 * 1024;

const bundled = await build({
  absWorkingDir: fileURLToPath(here),
  entryPoints: { script: "src/main.tsx", style: "src/page.css" },
  outdir: "dist",
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
const text = (suffix) => bundled.outputFiles.find(({ path }) => path.endsWith(suffix)).text.trim();
const [script, style] = [text("script.js"), text("style.css")];

const hash = (content) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // Nothing on the page turns text into markup, and the browser refuses it.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const licences = await Promise.all(
  ["preact", "uplot", "@dagrejs/dagre", "@dagrejs/graphlib"].map(async (name) => {
    const { version } = JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, here), "utf8"));
    const licence = await readFile(new URL(`node_modules/${name}/LICENSE`, here), "utf8");
    // Two hyphens would end the comment.
    return `${name} ${version}\n\n${licence.trim()}\n`.replaceAll("--", "- -");
  }),
);

const shell = await readFile(new URL("src/index.html", here), "utf8");
const page = shell
  .replace("{{licences}}", () => licences.join("\n"))
  .replace("{{style}}", () => style)
  .replace("{{script}}", () => script);

// Written in JavaScript, the compression gives the same bytes on every machine.
const compressed = gzipSync(new TextEncoder().encode(page), { level: 9, mtime: 0 });
const files = { "page.html": page, "page.html.gz": compressed, "page.csp": policy };

console.log(`page.html: ${page.length} characters, ${compressed.length} bytes compressed (at most ${MOST_BYTES})`);
if (compressed.length > MOST_BYTES) throw new Error("the page is too large");
for (const [name, content] of Object.entries(files)) {
  const file = new URL(`dist/${name}`, here);
  if (process.argv.includes("--check")) {
    const present = await readFile(file);
    if (!present.equals(Buffer.from(content))) throw new Error(`${name} is not what \`npm run build\` writes; run it and commit`);
  } else {
    await writeFile(file, content);
  }
}
