// Runs the tests of the modules that need no browser.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const names = readdirSync(`${here}test`).filter((name) => name.endsWith(".test.ts"));
if (names.length === 0) throw new Error("there are no tests");
await build({
  absWorkingDir: here,
  entryPoints: names.map((name) => `test/${name}`),
  outdir: ".built",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = names.map((name) => `${here}.built/${name.replace(/\.ts$/, ".mjs")}`);
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...process.argv.slice(2), ...files], { stdio: "inherit" });
process.exit(status ?? 1);
