//! Grafana's panel options and field configuration for each kind of panel.

use serde_json::{Value, json};

use super::page::Page;
use super::panel::{Kind, Panel, Thresholds};
use super::unit::Unit;
use super::variable::{TRACE, Variable};

/// Returns Grafana's plugin id of a kind of panel.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Stat(_) => "stat",
        Kind::Gauge(_) => "gauge",
        Kind::Lines | Kind::Areas => "timeseries",
        Kind::BarGauge(_) => "bargauge",
        Kind::Table { .. } | Kind::TraceList => "table",
        Kind::Heatmap | Kind::Histogram => "heatmap",
        Kind::StateTimeline => "state-timeline",
        Kind::NodeGraph => "nodeGraph",
        Kind::Trace => "traces",
    }
}

/// Returns the panel options of a kind.
pub(crate) fn options(kind: Kind) -> Value {
    let newest = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
    match kind {
        Kind::Stat(_) => json!({
            "colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto",
            "reduceOptions": newest, "textMode": "auto", "wideLayout": true,
        }),
        Kind::Gauge(_) => json!({
            "minVizHeight": 75, "minVizWidth": 75, "orientation": "auto", "reduceOptions": newest,
            "showThresholdLabels": false, "showThresholdMarkers": true, "sizing": "auto",
        }),
        Kind::Lines | Kind::Areas => json!({
            "legend": { "calcs": ["mean", "lastNotNull"], "displayMode": "table", "placement": "bottom", "showLegend": true },
            "tooltip": { "mode": "multi", "sort": "desc" },
        }),
        Kind::BarGauge(_) => json!({
            "displayMode": "basic", "maxVizHeight": 300, "minVizHeight": 16, "minVizWidth": 8, "namePlacement": "auto",
            "orientation": "horizontal", "reduceOptions": newest, "showUnfilled": true, "sizing": "auto", "valueMode": "color",
        }),
        Kind::Table { .. } | Kind::TraceList => json!({ "cellHeight": "sm", "showHeader": true }),
        Kind::Heatmap | Kind::Histogram => json!({
            "calculate": false, "cellGap": 1,
            "cellValues": { "unit": if kind == Kind::Heatmap { "s" } else { "short" } },
            "color": { "exponent": 0.5, "fill": "dark-orange", "mode": "scheme", "reverse": false, "scale": "exponential",
                       "scheme": if kind == Kind::Heatmap { "YlOrRd" } else { "Oranges" }, "steps": 64 },
            "exemplars": { "color": "rgba(255,0,255,0.7)" },
            "filterValues": { "le": 1e-9 },
            "legend": { "show": true },
            "rowsFrame": { "layout": "auto" },
            "showValue": "never",
            "tooltip": { "mode": "single", "showColorScale": true, "yHistogram": false },
            "yAxis": { "axisPlacement": "left", "reverse": false, "unit": "s" },
        }),
        Kind::StateTimeline => json!({
            "alignValue": "left",
            "legend": { "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true },
            "mergeValues": true, "rowHeight": 0.9, "showValue": "auto",
            "tooltip": { "mode": "single", "sort": "none" },
        }),
        Kind::NodeGraph => json!({ "edges": { "mainStatUnit": "reqps" }, "nodes": { "mainStatUnit": "reqps" } }),
        Kind::Trace => json!({}),
    }
}

/// Returns the field configuration of a panel: unit, colors, value mappings and links.
pub(crate) fn fields(panel: &Panel, page: &Page<'_>) -> Value {
    let thresholds = match panel.kind {
        Kind::Stat(thresholds) | Kind::Gauge(thresholds) | Kind::BarGauge(thresholds) => thresholds,
        _ => Thresholds::None,
    };
    let unit = panel.queries.first().map_or(Unit::Count, |query| query.unit);
    let mode = match (panel.kind, thresholds) {
        (Kind::Stat(_) | Kind::Gauge(_) | Kind::BarGauge(_), Thresholds::None) => "fixed",
        (Kind::Stat(_) | Kind::Gauge(_) | Kind::BarGauge(_) | Kind::StateTimeline, _) => "thresholds",
        _ => "palette-classic",
    };
    let color = if mode == "fixed" { json!({ "mode": mode, "fixedColor": "blue" }) } else { json!({ "mode": mode }) };
    let mut defaults = json!({
        "color": color,
        "custom": custom(panel.kind),
        "mappings": mappings(unit),
        "noValue": "nothing in this time",
        "thresholds": { "mode": "absolute", "steps": steps(thresholds) },
        "unit": unit.id(),
    });
    match panel.kind {
        Kind::Gauge(_) => (defaults["min"], defaults["max"]) = (json!(0), json!(1)),
        Kind::Lines | Kind::Areas | Kind::BarGauge(_) if unit != Unit::Ratio => defaults["min"] = json!(0),
        _ => {}
    }
    json!({ "defaults": defaults, "overrides": overrides(panel, page) })
}

fn custom(kind: Kind) -> Value {
    match kind {
        Kind::Lines | Kind::Areas => json!({
            "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "showPoints": "never", "spanNulls": false,
            "fillOpacity": if kind == Kind::Areas { 30 } else { 0 },
            "stacking": { "group": "A", "mode": if kind == Kind::Areas { "normal" } else { "none" } },
        }),
        Kind::Table { .. } | Kind::TraceList => {
            json!({ "align": "auto", "cellOptions": { "type": "auto" }, "filterable": true, "inspect": false })
        }
        Kind::StateTimeline => json!({ "fillOpacity": 80, "lineWidth": 0 }),
        Kind::Heatmap | Kind::Histogram => json!({ "scaleDistribution": { "type": "linear" } }),
        _ => json!({}),
    }
}

fn mappings(unit: Unit) -> Value {
    match unit {
        Unit::Mapped(words) => {
            let word = |&(number, text, color): &(i64, &str, &str)| {
                (number.to_string(), json!({ "text": text, "color": color, "index": number }))
            };
            let options: serde_json::Map<_, _> = words.iter().map(word).collect();
            json!([{ "type": "value", "options": options }])
        }
        _ => json!([]),
    }
}

fn steps(thresholds: Thresholds) -> Value {
    let (colors, bounds) = match thresholds {
        Thresholds::None => return json!([{ "color": "blue", "value": null }]),
        Thresholds::HigherIsBetter(fair, good) => (["red", "yellow", "green"], [fair, good]),
        Thresholds::LowerIsBetter(fair, bad) => (["green", "yellow", "red"], [fair, bad]),
    };
    let [base, middle, last] = colors;
    json!([
        { "color": base, "value": null },
        { "color": middle, "value": bounds[0] },
        { "color": last, "value": bounds[1] },
    ])
}

fn overrides(panel: &Panel, page: &Page<'_>) -> Value {
    let unit_of_column = |query: &super::query::Query| {
        json!({
            "matcher": { "id": "byName", "options": query.legend },
            "properties": [
                { "id": "unit", "value": query.unit.id() },
                { "id": "mappings", "value": mappings(query.unit) },
            ],
        })
    };
    match panel.kind {
        Kind::Table { .. } => panel.queries.iter().map(unit_of_column).collect(),
        Kind::TraceList => json!([{
            "matcher": { "id": "byName", "options": "traceID" },
            "properties": [{ "id": "links", "value": [{
                "title": "Show this trace",
                "url": link(page),
            }] }],
        }]),
        _ => json!([]),
    }
}

/// Returns a link to the same dashboard that selects the clicked trace and keeps all other variables.
fn link(page: &Page<'_>) -> String {
    let names = page.variables.iter().map(Variable::name).filter(|name| *name != TRACE);
    let chosen: Vec<_> = names.map(|name| format!("&${{{name}:queryparam}}")).collect();
    format!("/d/{}?${{__url_time_range}}{}&var-{TRACE}=${{__value.raw}}", page.uid, chosen.concat())
}
