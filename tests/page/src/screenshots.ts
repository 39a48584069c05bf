// Writes a picture of each view, dark and light, wide and narrow.

import { mkdirSync } from "node:fs";

import { launch, open } from "./browser";
import type { Scenario } from "./data";
import { PageServer } from "./server";

const [into = "screenshots", only = ""] = process.argv.slice(2);
mkdirSync(into, { recursive: true });

const server = new PageServer("usual");
const address = await server.listen();
const browser = await launch();

async function shoot(name: string, hash: string, options: { dark?: boolean; width?: number; wait?: string } = {}): Promise<void> {
  if (!name.includes(only)) return;
  const { page, close } = await open(browser, address + hash, options);
  await page.waitForSelector(options.wait ?? "main h1");
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${into}/${name}${options.dark === true ? "-dark" : ""}.png` });
  await close();
}

const scenarios: Scenario[] = ["usual", "large", "hostile", "empty"];
for (const scenario of scenarios) {
  server.restart(scenario);
  const ids = server.data.traces.map(({ row }) => row.trace_id);
  const rich = server.data.traces[0];
  const chat = rich?.trace.spans.find((span) => span.has_content)?.span_id ?? "";
  if (scenario === "usual") {
    for (const dark of [false, true]) {
      for (const view of ["overview", "map", "traces", "models", "budgets", "objectives", "savings", "blocks", "library"]) {
        await shoot(view, `#/${view}`, { dark });
      }
      await shoot("trace", `#/traces/${ids[0]}`, { dark });
      await shoot("trace-span", `#/traces/${ids[0]}?span=${chat}`, { dark });
      await shoot("trace-flame", `#/traces/${ids[0]}?as=flame&by=cost`, { dark });
      await shoot("what-if", `#/models?from=openai%2Fgpt-4o&to=openai%2Fgpt-4o-mini`, { dark });
    }
    for (const view of ["overview", "map", "traces", "models", `traces/${ids[0]}`]) {
      await shoot(`narrow-${view.slice(0, 9).replace("/", "-")}`, `#/${view}`, { width: 400 });
    }
  }
  if (scenario === "large") {
    await shoot("large-map", "#/map");
    await shoot("large-trace", `#/traces/${ids[1]}`);
  }
  if (scenario === "hostile") {
    await shoot("hostile-traces", "#/traces");
    await shoot("hostile-map", "#/map");
    await shoot("hostile-trace", `#/traces/${ids[2]}?span=${server.data.traces[2]?.trace.spans[0]?.span_id}`);
  }
  if (scenario === "empty") for (const view of ["overview", "map", "traces", "models", "budgets"]) await shoot(`empty-${view}`, `#/${view}`);
}

await browser.close();
await server.close();
