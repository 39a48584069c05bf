//! Renders dashboards for Grafana 10.2 and later: `schemaVersion` 38, with sections as rows.

use serde_json::{Value, json};

use super::drawing::{self, Drawing, WRITTEN_FOR};
use super::layout::{self, Place};
use super::page::{Dashboard, Page, Section};
use super::panel::Panel;
use super::variable::{Definition, Source, Variable};
use crate::file::profile::Profile;
use crate::promql::catalogue::Catalogue;

/// Returns the JSON of a dashboard.
pub(crate) fn file(dashboard: &Dashboard, profile: &Profile, catalogue: &Catalogue) -> Value {
    let page = Page { uid: dashboard.uid(), variables: &dashboard.variables };
    let mut panels: Vec<Value> = Vec::new();
    let mut top = 0;
    for section in &dashboard.sections {
        panels.push(row(section, panels.len() + 1, top));
        let sizes: Vec<_> = section.panels.iter().map(|panel: &Panel| panel.size).collect();
        let (places, bottom) = layout::places(&sizes, top + 1);
        for (panel, place) in section.panels.iter().zip(places) {
            let drawing = drawing::draw(panel, &page, catalogue);
            panels.push(render_panel(drawing, place, panels.len() + 1));
        }
        top = bottom;
    }
    let variables: Vec<_> =
        dashboard.variables.iter().map(|one: &Variable| variable(&one.definition(profile))).collect();
    json!({
        "annotations": { "list": [] },
        "description": dashboard.description,
        "editable": true,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": null,
        "links": [{
            "asDropdown": true, "icon": "external link", "includeVars": true, "keepTime": true, "tags": ["tta"],
            "targetBlank": false, "title": "TTA dashboards", "tooltip": "The other dashboards, with what is chosen here.",
            "type": "dashboards", "url": "",
        }],
        "panels": panels,
        "refresh": "30s",
        "schemaVersion": 38,
        "tags": ["tta"],
        "templating": { "list": variables },
        "time": { "from": "now-1h", "to": "now" },
        "timepicker": {},
        "timezone": "browser",
        "title": dashboard.title,
        "uid": page.uid,
        "version": 1,
        "weekStart": "",
    })
}

fn row(section: &Section, id: usize, top: u32) -> Value {
    json!({
        "collapsed": false, "gridPos": { "x": 0, "y": top, "w": 24, "h": 1 }, "id": id, "panels": [],
        "title": section.title, "type": "row",
    })
}

fn render_panel(drawing: Drawing, place: Place, id: usize) -> Value {
    let datasource = json!({ "type": drawing.plugin, "uid": drawing.datasource });
    let targets = drawing.targets.into_iter().map(|mut target| {
        target["datasource"] = datasource.clone();
        target
    });
    let transformations =
        drawing.transformations.into_iter().map(|(id, options)| json!({ "id": id, "options": options }));
    json!({
        "datasource": datasource,
        "description": drawing.description,
        "fieldConfig": drawing.fields,
        "gridPos": { "x": place.x, "y": place.y, "w": place.width, "h": place.height },
        "id": id,
        "options": drawing.options,
        "pluginVersion": WRITTEN_FOR,
        "targets": targets.collect::<Vec<_>>(),
        "title": drawing.title,
        "transformations": transformations.collect::<Vec<_>>(),
        "type": drawing.kind,
    })
}

fn variable(definition: &Definition) -> Value {
    let mut variable = json!({
        "name": definition.name, "label": definition.title, "description": definition.description, "hide": 0, "skipUrlSync": false,
        "current": definition.current(),
    });
    let more = match &definition.kind {
        Source::Datasource { plugin, .. } => json!({
            "type": "datasource", "query": plugin, "refresh": 1, "regex": "", "multi": false, "includeAll": false,
            "options": [],
        }),
        Source::Query { query, .. } => json!({
            "type": "query", "datasource": { "type": "prometheus", "uid": super::variable::PROMETHEUS },
            "query": { "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery" },
            "refresh": 2, "regex": "", "sort": 1, "multi": true, "includeAll": true,
            "options": [],
        }),
        Source::Text { default } => json!({
            "type": "textbox", "query": default, "options": [{ "selected": true, "text": default, "value": default }],
        }),
    };
    if let (Some(variable), Value::Object(more)) = (variable.as_object_mut(), more) {
        variable.extend(more);
        variable.extend(definition.all_value());
    }
    variable
}
