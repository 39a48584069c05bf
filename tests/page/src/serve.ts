// Serves the page with generated data until it is stopped: `npm run serve -- usual 9464`.

import type { Scenario } from "./data";
import { PageServer } from "./server";

const SCENARIOS: readonly Scenario[] = ["usual", "large", "hostile", "empty"];
const [name = "usual", port = "9464"] = process.argv.slice(2);
const scenario = SCENARIOS.find((scenario) => scenario === name);
if (scenario === undefined) throw new Error(`write one of ${SCENARIOS.join(", ")}, then a port`);
const server = new PageServer(scenario);
console.log(`${await server.listen(Number(port))} (${scenario})`);
