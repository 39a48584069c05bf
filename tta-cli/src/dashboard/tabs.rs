//! Renders dashboards for Grafana 12.2 and later: schema `v2beta1`, with sections as tabs.

use serde_json::{Map, Value, json};

use super::drawing::{self, Drawing, WRITTEN_FOR};
use super::layout;
use super::page::{Dashboard, Page};
use super::variable::{Definition, Source, Variable};
use crate::file::profile::Profile;
use crate::promql::catalogue::Catalogue;

/// Returns the JSON of a dashboard.
pub(crate) fn file(dashboard: &Dashboard, profile: &Profile, catalogue: &Catalogue) -> Value {
    let page = Page { uid: format!("{}-tabs", dashboard.uid()), variables: &dashboard.variables };
    let mut elements = Map::new();
    let mut tabs: Vec<Value> = Vec::new();
    for section in &dashboard.sections {
        let sizes: Vec<_> = section.panels.iter().map(|panel| panel.size).collect();
        let (places, _) = layout::places(&sizes, 0);
        let mut items: Vec<Value> = Vec::new();
        for (panel, place) in section.panels.iter().zip(places) {
            let id = elements.len() + 1;
            let name = format!("panel-{id}");
            items.push(json!({ "kind": "GridLayoutItem", "spec": {
                "x": place.x, "y": place.y, "width": place.width, "height": place.height,
                "element": { "kind": "ElementReference", "name": name },
            } }));
            elements.insert(name, element(drawing::draw(panel, &page, catalogue), id));
        }
        tabs.push(json!({ "kind": "TabsLayoutTab", "spec": {
            "title": section.title, "layout": { "kind": "GridLayout", "spec": { "items": items } },
        } }));
    }
    let variables: Vec<_> =
        dashboard.variables.iter().map(|one: &Variable| variable(&one.definition(profile))).collect();
    json!({
        "apiVersion": "dashboard.grafana.app/v2beta1",
        "kind": "Dashboard",
        "metadata": { "name": page.uid },
        "spec": {
            "annotations": [],
            "cursorSync": "Crosshair",
            "description": dashboard.description,
            "editable": true,
            "elements": elements,
            "layout": { "kind": "TabsLayout", "spec": { "tabs": tabs } },
            "links": [{
                "asDropdown": true, "icon": "external link", "includeVars": true, "keepTime": true, "tags": ["tta"],
                "targetBlank": false, "title": "TTA dashboards",
                "tooltip": "The other dashboards, with what is chosen here.", "type": "dashboards", "url": "",
            }],
            "liveNow": false,
            "preload": false,
            "tags": ["tta"],
            "timeSettings": {
                "timezone": "browser", "from": "now-1h", "to": "now", "autoRefresh": "30s",
                "autoRefreshIntervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h"], "hideTimepicker": false,
                "fiscalYearStartMonth": 0,
            },
            "title": format!("{} (tabs)", dashboard.title),
            "variables": variables,
        },
    })
}

fn element(drawing: Drawing, id: usize) -> Value {
    let queries = drawing.targets.into_iter().map(|mut target| {
        let letter = target.as_object_mut().and_then(|target| target.remove("refId"));
        json!({ "kind": "PanelQuery", "spec": { "refId": letter, "hidden": false, "query": {
            "kind": "DataQuery", "group": drawing.plugin, "version": "v0",
            "datasource": { "name": drawing.datasource }, "spec": target,
        } } })
    });
    let transformations = drawing
        .transformations
        .into_iter()
        .map(|(id, options)| json!({ "kind": id, "spec": { "id": id, "options": options } }));
    json!({ "kind": "Panel", "spec": {
        "id": id,
        "title": drawing.title,
        "description": drawing.description,
        "links": [],
        "data": { "kind": "QueryGroup", "spec": {
            "queries": queries.collect::<Vec<_>>(),
            "transformations": transformations.collect::<Vec<_>>(),
            "queryOptions": {},
        } },
        "vizConfig": { "kind": "VizConfig", "group": drawing.kind, "version": WRITTEN_FOR, "spec": {
            "options": drawing.options, "fieldConfig": drawing.fields,
        } },
    } })
}

fn variable(definition: &Definition) -> Value {
    let mut spec = json!({
        "name": definition.name, "label": definition.title, "description": definition.description, "hide": "dontHide",
        "skipUrlSync": false, "current": definition.current(),
    });
    let (kind, more) = match &definition.kind {
        Source::Datasource { plugin, .. } => (
            "DatasourceVariable",
            json!({
                "pluginId": plugin, "refresh": "onDashboardLoad", "regex": "", "options": [], "multi": false,
                "includeAll": false, "allowCustomValue": true,
            }),
        ),
        Source::Query { query, .. } => (
            "QueryVariable",
            json!({
                "query": {
                    "kind": "DataQuery", "group": "prometheus", "version": "v0",
                    "datasource": { "name": super::variable::PROMETHEUS },
                    "spec": { "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery" },
                },
                "definition": query, "refresh": "onTimeRangeChanged", "regex": "", "sort": "alphabeticalAsc",
                "options": [], "multi": true, "includeAll": true, "allowCustomValue": true,
            }),
        ),
        Source::Text { default } => ("TextVariable", json!({ "query": default })),
    };
    if let (Some(spec), Value::Object(more)) = (spec.as_object_mut(), more) {
        spec.extend(more);
        spec.extend(definition.all_value());
    }
    json!({ "kind": kind, "spec": spec })
}
