// Writes each dashboard as a constant of Grafana's type, and lets the compiler look for what does not fit.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const grafana = join(here, "..", "..", "grafana");
const generated = join(here, "generated");

// Which types a panel's options and its fields' options have, by Grafana's word for the panel.
const PANELS = {
  stat: ["stat", "Stat", null],
  gauge: ["gauge", "Gauge", null],
  bargauge: ["bargauge", "BarGauge", null],
  timeseries: ["timeseries", "TimeSeries", "FieldConfig"],
  table: ["table", "Table", "FieldConfig"],
  heatmap: ["heatmap", "Heatmap", "FieldConfig"],
  "state-timeline": ["statetimeline", "StateTimeline", "FieldConfig"],
  nodeGraph: ["nodegraph", "NodeGraph", null],
};
// Panels for which the package has no types.
const UNTYPED = new Set(["traces", "row"]);

const IMPORTS = [
  `import type { Dashboard } from "@grafana/schema";`,
  `import type { Spec } from "@grafana/schema/apis/dashboard.grafana.app/v2beta1";`,
  `import type { Written } from "../written";`,
  ...Object.values(PANELS).map(
    ([folder, name]) =>
      `import type * as ${name} from "@grafana/schema/dist/esm/raw/composable/${folder}/panelcfg/x/${name}PanelCfg_types.gen";`,
  ),
];

let panels = 0;

// Returns the constants for a panel's options.
function options(kind, options, fieldConfig, id) {
  if (UNTYPED.has(kind)) return [];
  const row = PANELS[kind];
  if (!row) throw new Error(`no types are known for a panel of the kind ${kind}`);
  panels += 1;
  const [, name, fields] = row;
  const lines = [`export const options${id}: Written<Partial<${name}.Options>> = ${JSON.stringify(options)};`];
  if (fields) {
    lines.push(`export const fields${id}: Written<Partial<${name}.${fields}>> = ${JSON.stringify(fieldConfig.defaults.custom)};`);
  }
  return lines;
}

function classic(dashboard) {
  return [
    `export const dashboard: Written<Dashboard> = ${JSON.stringify(dashboard)};`,
    ...dashboard.panels.flatMap((panel) => options(panel.type, panel.options, panel.fieldConfig, panel.id)),
  ];
}

function tabs(dashboard) {
  return [
    `export const dashboard: Written<Spec> = ${JSON.stringify(dashboard.spec)};`,
    ...Object.values(dashboard.spec.elements).flatMap(({ spec }) =>
      options(spec.vizConfig.group, spec.vizConfig.spec.options, spec.vizConfig.spec.fieldConfig, spec.id),
    ),
  ];
}

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated);
let files = 0;
for (const [folder, constants] of [["dashboards", classic], ["dashboards-v2", tabs]]) {
  for (const file of readdirSync(join(grafana, folder)).filter((file) => file.endsWith(".json"))) {
    const dashboard = JSON.parse(readFileSync(join(grafana, folder, file), "utf8"));
    const text = [...IMPORTS, ...constants(dashboard)].join("\n") + "\n";
    writeFileSync(join(generated, `${folder}-${file.replace(/\.json$/, ".ts")}`), text);
    files += 1;
  }
}
if (files < 9 || panels < 100) throw new Error(`only ${files} files with ${panels} panels were found`);
try {
  execFileSync(join(here, "node_modules", ".bin", "tsc"), ["--project", here], { stdio: "inherit" });
} catch (error) {
  console.error("the dashboards do not fit Grafana's types");
  process.exit(error.status || 1);
}
console.log(`${files} files with ${panels} panels fit Grafana's types`);
