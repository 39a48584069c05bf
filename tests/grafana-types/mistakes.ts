// Mistakes that the check must notice: a line of these without an error is an error itself.
import type { Dashboard } from "@grafana/schema";
import type { Spec } from "@grafana/schema/apis/dashboard.grafana.app/v2beta1";
import type * as Stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Written } from "./written";

// @ts-expect-error: a required entry is missing
export const noVersion: Written<Dashboard> = { title: "t" };
// @ts-expect-error: there is no such entry
export const unknownEntry: Written<Dashboard> = { schemaVersion: 38, pannels: [] };
// @ts-expect-error: a colour mode that does not exist
export const unknownColor: Written<Dashboard> = { schemaVersion: 38, panels: [{ type: "stat", fieldConfig: { defaults: { color: { mode: "threshold" } }, overrides: [] } }] };
// @ts-expect-error: a place needs a height
export const noHeight: Written<Dashboard> = { schemaVersion: 38, panels: [{ type: "stat", gridPos: { x: 0, y: 0, w: 1 } }] };
// @ts-expect-error: a graph mode that does not exist
export const unknownGraphMode: Written<Partial<Stat.Options>> = { graphMode: "bars" };
// @ts-expect-error: a tab has a layout
export const noLayout: Written<Spec["layout"]> = { kind: "TabsLayout", spec: { tabs: [{ kind: "TabsLayoutTab", spec: { title: "t" } }] } };
