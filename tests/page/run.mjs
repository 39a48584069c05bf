// Bundles the TypeScript of one command and runs it: `serve`, `test`, `program`, `screenshots` or `gallery`.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const [command = "test", ...rest] = process.argv.slice(2);
const entry = { serve: "serve.ts", test: "page.test.ts", program: "program.test.ts", screenshots: "screenshots.ts", gallery: "gallery.ts" }[command];
if (entry === undefined) throw new Error("write `serve`, `test`, `program`, `screenshots` or `gallery`");

await build({
  absWorkingDir: here,
  entryPoints: [`src/${entry}`],
  outfile: `.built/${command}.mjs`,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const isTest = command === "test" || command === "program";
const flags = isTest ? ["--test", "--test-concurrency=1", ...rest] : [];
const { status } = spawnSync(process.execPath, ["--enable-source-maps", ...flags, `${here}.built/${command}.mjs`, ...(isTest ? [] : rest)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
