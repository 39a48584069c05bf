// Measures the time that a real Prometheus takes for each query of each dashboard at 10,000 series, and writes docs/dashboard-speed.md.
//
// The series are those that the example and a program of building blocks export under load, multiplied by instances
// until there are 10,000. The script writes six hours of them into Prometheus' storage, runs the shipped rules at their
// end, and writes six hours of the recorded series, too. Then it sends each query as Grafana does.
// Needs: cargo, prometheus, promtool, node 20 or later. Takes some ten minutes and 4 GB below the target directory.
import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SERIES = 10_000;
const HOURS = 6;
const SCRAPE = 30;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const work = join(target, "dashboard-speed");
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const [PROGRAM, BLOCKS, PROMETHEUS] = [29464, 29465, 29090];

const children = [];
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
function start(command, parameters, environment = {}) {
  const child = spawn(command, parameters, { stdio: "ignore", env: { ...process.env, ...environment } });
  child.on("error", (error) => { console.error(`${command} does not run, install it: ${error.message}`); process.exit(1); });
  children.push(child);
  return child;
}
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
async function stop(child) {
  child.kill("SIGTERM");
  await once(child, "exit");
}
const step = (text) => console.log(`== ${text}`);

// Prometheus' HTTP API.
const api = `http://127.0.0.1:${PROMETHEUS}/api/v1/`;
async function ask(what, parameters) {
  const answer = await (await fetch(api + what, { method: "POST", body: new URLSearchParams(parameters) })).json();
  if (answer.status !== "success") throw new Error(`${parameters.query}: ${answer.error}`);
  return answer.data;
}
async function prometheus() {
  const child = start("prometheus", [
    `--config.file=${join(work, "prometheus-rules/prometheus.yml")}`, `--storage.tsdb.path=${join(work, "data")}`,
    `--web.listen-address=127.0.0.1:${PROMETHEUS}`, "--storage.tsdb.retention.time=35d",
  ]);
  for (let tries = 0; ; tries += 1) {
    try { await ask("query", { query: "vector(1)" }); return child; } catch (error) { if (tries > 120) throw error; }
    await sleep(0.5);
  }
}

step("programs");
execFileSync("cargo", ["build", "--quiet", "--locked", "--workspace", "--all-features", "--bins"], { stdio: "inherit" });
const built = (name) => join(target, "debug", name);
execFileSync(built("tta"), ["generate", "--out", work]);
const example = ["--serve", "--rate", "10", "--faults", "15", "--latency", "0.05", "--note-ttl", "5"];
// No collector listens there, so exports fail and are counted.
const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
const programs = [
  start(built("tta-examples"), example, { TTA_METRICS_ADDR: `127.0.0.1:${PROGRAM}`, ...traces }),
  start(built("subject"), ["work"], { TTA_METRICS_ADDR: `127.0.0.1:${BLOCKS}`, ...traces }),
];
await sleep(20);

step("what they export");
// `tta maturity` pushes the metrics of components; no program exports them.
const components = ["cache", "router", "retry"].flatMap((component) => [
  `tta_component_coverage_ratio{component="${component}"} 0.9`, `tta_component_mutation_score_ratio{component="${component}"} 0.8`,
  `tta_component_complexity{component="${component}"} 12`, `tta_component_stage{component="${component}"} 2`,
  ...["coverage", "mutation_score", "complexity"].map((gate) => `tta_component_gate_passed{component="${component}",gate="${gate}"} 1`),
]);
const exported = [components.join("\n"), "up 1"];
for (const port of [PROGRAM, BLOCKS]) {
  // The second scrape shows the metrics of the first.
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await scrape();
  exported.push(await scrape());
}
await Promise.all(programs.map(stop));
const kinds = new Map();
const samples = new Map();
for (const line of exported.join("\n").split("\n")) {
  const type = line.match(/^# TYPE (\S+) (\S+)/);
  if (type) kinds.set(type[1], type[2]);
  const sample = line.match(/^([a-z_:]+)(?:\{(.*)\})? (\S+)$/);
  if (sample) samples.set(`${sample[1]}{${sample[2] ?? ""}}`, { name: sample[1], labels: sample[2] ?? "", value: Number(sample[3]) });
}
const grows = (name) => kinds.get(name) === "counter" || /_(bucket|sum|count)$/.test(name);

// Writes a history into the storage; `series` has the text of each series, and its value as a function of the elapsed share.
async function lay(series, start, end, every) {
  const file = join(work, "history.txt");
  const out = createWriteStream(file);
  for (const { text, value } of series) {
    const lines = [];
    for (let at = start; at <= end; at += every) lines.push(`${text} ${value((at - start) / (end - start))} ${at}\n`);
    if (!out.write(lines.join(""))) await once(out, "drain");
  }
  out.end("# EOF\n");
  await once(out, "finish");
  execFileSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, join(work, "data")], { stdio: "ignore" });
  rmSync(file);
}

const instances = Math.ceil(SERIES / samples.size);
step(`${HOURS} hours of ${samples.size} series of ${instances} instances each`);
// Rules read the last minutes, so the history ends now; Prometheus accepts no sample that is older than its blocks.
const end = Math.floor(Date.now() / 1000) + 100;
const from = end - HOURS * 3600;
const raw = [];
for (const { name, labels, value } of samples.values()) {
  for (let instance = 0; instance < instances; instance += 1) {
    const all = [`job="tta-primitives"`, `instance="host-${instance}"`, ...(labels ? [labels] : [])].join(",");
    // A counter grows to a thousand times its value at the scrape.
    raw.push({ text: `${name}{${all}}`, value: grows(name) ? (share) => (value * 1000 * share).toFixed(6) : () => value });
  }
}
await lay(raw, from, end, SCRAPE);
await sleep(Math.max(0, end - Date.now() / 1000 + 1));

step("the rules, over its end");
let server = await prometheus();
await sleep(125);
const recorded = (await ask("query", { query: `{__name__=~".+:.+"}` })).result;
await stop(server);

step(`${HOURS} hours of ${recorded.length} recorded series`);
const quoted = (labels) => Object.entries(labels).filter(([key]) => key !== "__name__").map(([key, text]) => `${key}=${JSON.stringify(text)}`).join(",");
await lay(recorded.map(({ metric, value }) => ({ text: `${metric.__name__}{${quoted(metric)}}`, value: () => value[1] })), from, end - 1, 30);
server = await prometheus();
const until = end;
const count = (await ask("query", { query: `count({job="tta-primitives",instance!=""})`, time: until })).result[0].value[1];

step("the queries");
const rows = [];
for (const file of readdirSync("grafana/dashboards").sort()) {
  const dashboard = JSON.parse(readFileSync(join("grafana/dashboards", file), "utf8"));
  for (const panel of dashboard.panels) {
    for (const { expr, instant, interval } of panel.targets ?? []) {
      if (!expr) continue;
      // As Grafana computes them for a panel of some 1,400 points over six hours and a scrape interval of 15 s.
      const query = expr.replaceAll("$__rate_interval", "1m30s").replaceAll("$__range", "6h").replaceAll("$job", "(tta-primitives)")
        .replaceAll(/"\$[a-z]+"/g, `".*"`);
      const over = instant ? { time: until } : { start: until - HOURS * 3600 + 600, end: until, step: interval === "1m" ? 60 : 15 };
      const times = [];
      let series = 0;
      for (let run = 0; run < 3; run += 1) {
        const begin = performance.now();
        series = (await ask(instant ? "query" : "query_range", { query, ...over })).result.length;
        times.push((performance.now() - begin) / 1000);
      }
      times.sort((one, other) => one - other);
      rows.push({ dashboard: dashboard.title, panel: panel.title, kind: instant ? "instant" : "range", series, time: times[1] });
    }
  }
}
await stop(server);
rmSync(work, { recursive: true, force: true });

rows.sort((one, other) => other.time - one.time);
const slow = rows.filter((row) => row.time >= 1).length;
const version = execFileSync("prometheus", ["--version"], { encoding: "utf8" }).match(/version (\S+)/)[1];
const text = `# Query times of the dashboards

Written by \`scripts/dashboard-speed\`. Prometheus ${version} holds ${count} series of ${instances} instances (${samples.size} each, as programs export them), ${HOURS} hours with one
sample every ${SCRAPE} s, and the recorded series of the shipped rules, on a machine with ${cpus().length} processors (${cpus()[0].model}). Each query is sent as a panel over
${HOURS} hours sends it (range queries with a step of 15 s, or of a minute if the panel says so). The time is the median of three, from the request to the last byte read.

${rows.length} queries; ${rows.length - slow} take less than 1 s, ${slow} do not.

| dashboard | panel | query | series | seconds |
|---|---|---|---:|---:|
${rows.map((row) => `| ${row.dashboard} | ${row.panel} | ${row.kind} | ${row.series} | ${row.time.toFixed(3)} |`).join("\n")}
`;
writeFileSync("docs/dashboard-speed.md", text);
console.log(text.split("\n").slice(0, 24).join("\n"));
process.exit(0);
