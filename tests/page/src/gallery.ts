// Writes the pictures of the documentation: each view of the main example under load, dark and light.

import { mkdirSync } from "node:fs";

import type { Trace, Traces } from "../../../tta-runtime/page/src/api";
import { launch, open } from "./browser";
import { Program } from "./program";

const [into = "../../docs/images", seconds = "90"] = process.argv.slice(2);
mkdirSync(into, { recursive: true });

const program = await Program.start({ rate: 4, faults: 20, latency: 0.3, environment: { TTA_PAGE: `${64 << 20}`, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "span_only" } });
const browser = await launch();
try {
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000));
  const { traces } = await program.read<Traces>("traces?order=failed&outcome=success&limit=500");
  const rich = traces.find(({ complete, spans }) => complete && spans > 25);
  if (rich === undefined) throw new Error("no trace has a failed span");
  const trace = await program.read<Trace>(`traces/${rich.trace_id}`);
  const chat = trace.spans.find(({ has_content, outcome }) => has_content && outcome === "success")?.span_id ?? "";
  const views = ["overview", "map", "traces", "models", "budgets", "objectives", "savings", "blocks", "library"].map((view) => [view, `#/${view}`]);
  const others = [
    ["trace", `#/traces/${rich.trace_id}`],
    ["trace-span", `#/traces/${rich.trace_id}?span=${chat}`],
    ["trace-flame", `#/traces/${rich.trace_id}?as=flame&by=cost`],
    ["what-if", "#/models?from=openai%2Fgpt-4o&to=openai%2Fgpt-4o-mini"],
  ];
  for (const dark of [false, true]) {
    for (const [name = "", hash = ""] of [...views, ...others]) {
      const { page, close } = await open(browser, program.address + hash, { dark, height: 640 });
      await page.waitForSelector("main h1");
      await page.waitForTimeout(1_500);
      await page.screenshot({ path: `${into}/page-${name}${dark ? "-dark" : ""}.png` });
      await close();
    }
  }
} finally {
  await browser.close();
  await program.kill();
}
