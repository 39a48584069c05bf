//! The committed dashboards.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;
use tta_cli::rule::recording;

use crate::run::root;

mod json;
mod lint;
mod selectors;

use json::{files, list, text};

#[test]
fn there_are_eight_dashboards_and_each_follows_the_rules() {
    let dashboards = files("dashboards");
    let names: Vec<_> = dashboards.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "agent-observability",
            "agent-orchestration",
            "circuit-breakers",
            "component-maturity",
            "llm-usage-costs",
            "performance",
            "slo",
            "system-overview",
        ]
    );
    let findings = |(name, dashboard): (&String, &Value)| {
        let findings = lint::findings(dashboard);
        findings.into_iter().map(|finding| format!("{name}: {finding}\n")).collect::<Vec<_>>().concat()
    };
    assert_eq!(dashboards.iter().map(findings).collect::<String>(), "");
    let identifiers: BTreeSet<_> = dashboards.values().map(|dashboard| text(dashboard, "/uid")).collect();
    assert_eq!(identifiers.len(), dashboards.len());
}

#[test]
fn the_dashboard_with_tabs_has_the_same_panels_as_the_one_with_rows() {
    let rows = &files("dashboards")["agent-observability"];
    let tabs = &files("dashboards-v2")["agent-observability"];
    let panels = list(rows, "/panels").iter();
    let headings: Vec<_> =
        panels.clone().filter(|panel| panel["type"] == "row").map(|row| text(row, "/title")).collect();
    let of_tabs = list(tabs, "/spec/layout/spec/tabs");
    assert_eq!(of_tabs.iter().map(|tab| text(tab, "/spec/title")).collect::<Vec<_>>(), headings);
    assert_eq!(headings, ["Overview", "Workflows", "Primitives", "Resources"]);

    let items = of_tabs.iter().flat_map(|tab| list(tab, "/spec/layout/spec/items"));
    let shown = items.map(|item| {
        let panel = &tabs["spec"]["elements"][text(item, "/spec/element/name")]["spec"];
        let queries = list(panel, "/data/spec/queries").iter();
        let queries = queries.map(|query| query.pointer("/spec/query/spec/expr").cloned());
        (text(panel, "/title").to_owned(), text(panel, "/vizConfig/group").to_owned(), queries.collect::<Vec<_>>())
    });
    let expected = panels.filter(|panel| panel["type"] != "row").map(|panel| {
        let queries = list(panel, "/targets").iter().map(|target| target.get("expr").cloned());
        (text(panel, "/title").to_owned(), text(panel, "/type").to_owned(), queries.collect::<Vec<_>>())
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let elements = tabs["spec"]["elements"].as_object().expect("there are some");
    assert_eq!(elements.len(), list(rows, "/panels").len() - headings.len());
}

#[test]
fn a_link_to_a_trace_keeps_the_dashboard_and_its_variables() {
    let rows = &files("dashboards")["agent-observability"];
    let tabs = &files("dashboards-v2")["agent-observability"];
    let of_rows = list(rows, "/panels").iter().find(|panel| text(panel, "/title") == "Latest traces");
    let elements = tabs["spec"]["elements"].as_object().expect("there are some");
    let of_tabs = elements.values().find(|panel| text(panel, "/spec/title") == "Latest traces");
    let link = "/overrides/0/properties/0/value/0/url";
    let chosen = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${workflow:queryparam}\
                  &${primitive:queryparam}&${model:queryparam}&${traces:queryparam}&${service:queryparam}&var-trace=${__value.raw}";
    let found = text(of_rows.expect("it is there"), &format!("/fieldConfig{link}"));
    assert_eq!(found, format!("/d/{}?{chosen}", text(rows, "/uid")));
    let found = text(of_tabs.expect("it is there"), &format!("/spec/vizConfig/spec/fieldConfig{link}"));
    assert_eq!(found, format!("/d/{}?{chosen}", text(tabs, "/metadata/name")));
}

/// Panels that show raw series over time, and why; all others show recorded series.
const RAW: &[(&str, &str, &str)] = &[
    ("agent-observability", "p95 duration, with traces", "points that lead to traces are of what was scraped"),
    ("circuit-breakers", "Open circuits", "follows the choice of instances, whose circuits are their own"),
    ("agent-orchestration", "Repetitions", "has few series, one for each guarded function and action"),
    ("agent-orchestration", "Cost of repetitions per hour", "has few series, one for each guarded function"),
    ("agent-orchestration", "Runs at their limit", "has few series, one for each guarded function and limit"),
    ("circuit-breakers", "Calls refused", "follows the choice of instances, whose circuits are their own"),
    (
        "circuit-breakers",
        "Failures of permitted calls",
        "follows the choice of instances, whose circuits are their own",
    ),
    ("circuit-breakers", "Times opened", "counts in the time shown, which no recorded window fits"),
    ("component-maturity", "Gates", "has few series, one for each gate of a package"),
    ("component-maturity", "Line coverage", "has few series, one for each package"),
    ("component-maturity", "Mutation score", "has few series, one for each package"),
    ("component-maturity", "Highest complexity", "has few series, one for each package"),
    ("llm-usage-costs", "Cost per hour by tenant", "has few series, one for each of the largest tenants"),
    ("llm-usage-costs", "Budgets of tokens", "has few series, and each instance has a budget of its own"),
    ("llm-usage-costs", "Budgets of calls", "has few series, and each instance has a budget of its own"),
    ("llm-usage-costs", "Requests of shared budgets per model call", "has few series, one for each shared budget"),
    ("llm-usage-costs", "Calls that budgets refused", "has few series, and each instance has a budget of its own"),
    ("llm-usage-costs", "Calls that budgets by tenant refused", "has few series, one for each of the largest tenants"),
    ("llm-usage-costs", "Amounts in memory", "has few series, and follows the choice of instances"),
    ("llm-usage-costs", "Shared budgets without their Redis", "has few series, and follows the choice of instances"),
    ("llm-usage-costs", "Calls without a price", "has few series"),
    ("llm-usage-costs", "Calls by what their cost is based on", "has few series, one for each model and basis"),
    ("performance", "p95 duration of workflows, with traces", "points that lead to traces are of what was scraped"),
    ("performance", "Durations of model calls", "shows the buckets themselves"),
    ("performance", "p95 scrape", "is about one instance beside another"),
    ("performance", "p95 export", "is about the chosen instance's connection"),
    ("system-overview", "Instances up", "has one series for each instance"),
    ("system-overview", "p95 scrape", "is about the chosen instance's size"),
    ("system-overview", "Records in overflow series", "has few series, and each instance has a cap of its own"),
    ("system-overview", "Spans that wait", "is about one instance beside another"),
    ("system-overview", "Error of the ranks of the largest", "has few series, and each instance has ranks of its own"),
    ("system-overview", "Versions", "has one series for each instance"),
];

#[test]
fn panels_over_time_read_recorded_series() {
    let recorded: BTreeSet<_> =
        recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name.to_owned()).collect();
    let reads_recorded = |target: &Value| {
        let selected = selectors::selectors(text(target, "/expr")).expect("it is a query");
        selected.iter().any(|selected| recorded.contains(&selected.name))
    };
    let dashboards = files("dashboards");
    let (mut raw, mut others) = (BTreeSet::new(), 0);
    for (name, dashboard) in &dashboards {
        let over_time = |panel: &&Value| list(panel, "/targets").iter().any(|target| target["range"] == true);
        for panel in list(dashboard, "/panels").iter().filter(over_time) {
            if list(panel, "/targets").iter().all(reads_recorded) {
                others += 1;
            } else {
                raw.insert((name.as_str(), text(panel, "/title")));
            }
        }
    }
    assert_eq!(raw, RAW.iter().map(|(name, title, _)| (*name, *title)).collect());
    assert!(others >= 60, "{others} other panels were looked at");
}

#[test]
fn titles_match_their_queries() {
    let dashboards = files("dashboards");
    let asked = |dashboard: &str, title: &str| {
        let panels = list(&dashboards[dashboard], "/panels");
        let panel = panels.iter().find(|panel| text(panel, "/title") == title).unwrap_or_else(|| panic!("no {title}"));
        let targets = list(panel, "/targets").iter();
        let queries = targets.map(|target| text(target, "/expr").split_whitespace().collect::<Vec<_>>().join(" "));
        [text(panel, "/description").to_owned()].into_iter().chain(queries).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        Attempts that were repeated, and calls that a fallback answered, per second. Recorded over all instances of a job.
        retry_result:tta_retry_attempts:rate5m{job=~"$job",primitive_name=~"$primitive",result="retried"}
        fallback_used:tta_fallback:rate5m{job=~"$job",primitive_name=~"$primitive",used!~"primary|none"}"#]].assert_eq(&asked("agent-observability", "Retries and fallbacks"));
    expect![[r#"
        Time within which 95 % of the calls under a time limit end, or are ended. Recorded over all instances of a job.
        timeout:tta_timeout_duration_seconds:p95_5m{job=~"$job",primitive_name=~"$primitive"}"#]]
    .assert_eq(&asked("performance", "p95 duration under a time limit"));
    expect![[r#"
        Tokens of all kinds together that each model used, per second. Recorded over all instances of a job.
        sum by (job, model) (model_token_type:tta_llm_tokens:rate5m{job=~"$job",model=~"$model"})"#]]
    .assert_eq(&asked("llm-usage-costs", "Tokens by model"));
}

#[test]
fn each_recorded_series_is_read_by_a_panel_an_alert_or_another_rule() {
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).expect("it can be read");
    let rules = ["recording.yml", "alerts.yml"].map(|name| read(root().join("prometheus-rules").join(name)));
    let queries = rules.iter().flat_map(|text| text.lines()).filter(|line| !line.contains("record:"));
    let panels = files("dashboards").into_values().map(|dashboard| dashboard.to_string());
    let readers: Vec<String> = queries.map(str::to_owned).chain(panels).collect();
    let names = recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name);
    let unread: Vec<_> = names.filter(|name| !readers.iter().any(|reader| reader.contains(name))).collect();
    assert_eq!(unread, [""; 0]);
}

/// Changes a dashboard, and expects exactly one finding.
#[track_caller]
fn check(change: impl FnOnce(&mut Value), finding: &str) {
    let mut dashboard = files("dashboards").remove("performance").expect("it is there");
    change(&mut dashboard);
    assert_eq!(lint::findings(&dashboard), [finding]);
}

/// Returns the panel that tests change; it has a raw query.
fn scrapes(dashboard: &mut Value) -> &mut Value {
    let panels = dashboard["panels"].as_array_mut().expect("there are some");
    panels.iter_mut().find(|panel| panel["title"] == "p95 scrape").expect("it is there")
}

fn with_query(query: &str) -> impl FnOnce(&mut Value) {
    move |dashboard| scrapes(dashboard)["targets"][0]["expr"] = query.into()
}

#[test]
fn a_defect_of_a_panel_is_found() {
    check(|dashboard| scrapes(dashboard)["description"] = "".into(), "p95 scrape: no description");
    check(|dashboard| scrapes(dashboard)["fieldConfig"]["defaults"]["unit"] = "".into(), "p95 scrape: no unit");
    check(
        |dashboard| scrapes(dashboard)["targets"][0]["datasource"]["uid"] = "prometheus".into(),
        "p95 scrape: its data source is not the dashboard's variable",
    );
    check(|dashboard| scrapes(dashboard)["id"] = 2.into(), "p95 scrape: another panel has its id");
    check(|dashboard| scrapes(dashboard)["gridPos"]["w"] = 13.into(), "p95 scrape: p95 export overlaps it");
    check(
        |dashboard| scrapes(dashboard)["targets"][0]["legendFormat"] = "{{pod}}".into(),
        "p95 scrape: its series have no label `pod`",
    );
    check(|dashboard| dashboard["schemaVersion"] = 42.into(), "its schema is not 38");
    check(
        |dashboard| dashboard["templating"]["list"].as_array_mut().expect("there are some").truncate(2),
        "it does not begin with the variables datasource, job, instance",
    );
}

#[test]
fn a_mistake_in_a_query_is_found() {
    let scrapes = "tta_telemetry_scrape_duration_seconds_count";
    check(
        with_query(
            r#"sum by (instance) (rate(tta_telemetry_scrapes_total{instance=~"$instance",job=~"$job"}[$__rate_interval]))"#,
        ),
        "p95 scrape: there is no metric `tta_telemetry_scrapes_total`",
    );
    check(
        with_query(&format!(r#"sum by (instance) (rate({scrapes}{{job=~"$job"}}[$__rate_interval]))"#)),
        &format!("p95 scrape: `{scrapes}` is not filtered by $instance"),
    );
    check(
        with_query(&format!(r#"sum by (instance) (rate({scrapes}{{instance=~"$instance"}}[$__rate_interval]))"#)),
        &format!("p95 scrape: `{scrapes}` is not filtered by $job"),
    );
    check(
        with_query(&format!(r#"sum by (instance) (rate({scrapes}{{instance=~"$instance",job=~"$job"}}[5m]))"#)),
        &format!("p95 scrape: `{scrapes}` has a window that ignores the dashboard's time range"),
    );
    check(
        with_query(&format!(r#"sum by (instance) ({scrapes}{{instance=~"$instance",job=~"$job"}})"#)),
        &format!("p95 scrape: the counter `{scrapes}` without a rate"),
    );
    check(
        with_query(
            r#"max by (instance) (rate(tta_primitive_active{instance=~"$instance",job=~"$job"}[$__rate_interval]))"#,
        ),
        "p95 scrape: a rate of `tta_primitive_active`, which is no counter",
    );
    check(with_query("sum by (instance) ("), "p95 scrape: invalid query: unclosed left parenthesis");
}
