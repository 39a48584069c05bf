// The main example under load, which serves its page until the test ends.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The built example; `cargo build -p tta-examples` makes it. */
const EXAMPLE = process.env["TTA_EXAMPLE"] ?? fileURLToPath(new URL("../../../target/debug/tta-examples", import.meta.url));

const START_MS = 60_000;

export interface Load {
  /** Workflows per second. */
  rate: number;
  /** Percent of the model's answers. */
  faults: number;
  /** The factor of the model's latencies. */
  latency: number;
  environment?: Record<string, string>;
}

export class Program {
  readonly #child: ChildProcess;
  /** Of the page, with a slash at its end. */
  readonly address: string;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** Starts it on this port, a free one by default. */
  static async start({ rate, faults, latency, environment = {} }: Load, port = 0): Promise<Program> {
    const load = ["--rate", rate, "--faults", faults, "--latency", latency, "--note-ttl", 5, "--seed", 3].map(String);
    const { OPENAI_BASE_URL: _, ...own } = process.env;
    const child = spawn(EXAMPLE, ["--serve", ...load], {
      env: { ...own, TTA_METRICS_ADDR: `127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: "100", ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const late = setTimeout(() => child.kill("SIGKILL"), START_MS);
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const address = /^Live page: (\S+)$/.exec(line)?.[1];
      if (address === undefined) continue;
      clearTimeout(late);
      // A full pipe would block the program.
      child.stderr.resume();
      return new Program(child, address);
    }
    throw new Error(`${EXAMPLE} does not serve its page:\n${said.join("\n")}`);
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** Returns the data of an endpoint. */
  async read<T>(path: string): Promise<T> {
    const response = await fetch(`${this.address}api/v1/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  }

  async metrics(): Promise<Metrics> {
    return new Metrics(await (await fetch(`${this.address}metrics`)).text());
  }

  /** Reads with `read` at a moment when no metric of the program changes, and returns the metrics of that moment. */
  async atRest<T>(read: () => Promise<T>): Promise<{ metrics: Metrics; answer: T }> {
    const end = Date.now() + START_MS;
    while (Date.now() < end) {
      const before = await this.metrics();
      const answer = await read();
      const metrics = await this.metrics();
      if (before.ofProgram === metrics.ofProgram) return { metrics, answer };
    }
    throw new Error("the program is never at rest");
  }
}

/** A scrape in Prometheus' text format. */
export class Metrics {
  readonly #lines: { name: string; labels: Record<string, string>; value: number }[];
  /** The text without what changes by itself. */
  readonly ofProgram: string;

  constructor(text: string) {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const isOfProgram = (line: string) => !/^(process_|tta_telemetry_|tta_circuit_breaker_state_seconds)/.test(line);
    this.ofProgram = lines.filter(isOfProgram).join("\n");
    this.#lines = lines.map((line) => {
      const [, name = "", labels = "", value = ""] = /^([^{ ]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
  }

  /** Returns the sum over the series of a metric that have these labels. */
  sum(name: string, wanted: Record<string, string> = {}): number {
    const own = this.#lines.filter((line) => line.name === name && Object.entries(wanted).every(([key, value]) => line.labels[key] === value));
    return own.reduce((sum, { value }) => sum + value, 0);
  }

  /** Returns the values that a label of a metric has. */
  values(name: string, label: string): string[] {
    const own = this.#lines.filter((line) => line.name === name).map(({ labels }) => labels[label] ?? "");
    return [...new Set(own)].sort();
  }
}
