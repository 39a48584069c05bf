//! `tta check`.

use expect_test::expect;

use crate::run::{folder, root, tta};

#[test]
fn shipped_files_have_no_findings() {
    let mut files = vec!["check".to_owned()];
    files.extend(["recording.yml", "alerts.yml"].map(|name| format!("prometheus-rules/{name}")));
    if let Ok(entries) = std::fs::read_dir(root().join("grafana/dashboards")) {
        let names = entries.map(|entry| entry.expect("it is listed").file_name().into_string().expect("it is text"));
        files.extend(names.map(|name| format!("grafana/dashboards/{name}")));
    }
    assert!(files.len() >= 3, "{files:?}");
    let ran = tta(&files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

#[test]
fn findings_name_file_place_and_remedy() {
    let folder = folder("check");
    let rules = "\
groups:
  - name: mine
    rules:
      - record: job:calls:rate5m
        expr: sum by (job) (rate(tta_primitive_execution_total[5m]))
      - alert: Slow
        expr: |-
          job:calls:rate5m
          / sum by (jobs) (rate(tta_execution_duration_seconds_count{audience=\"public\"}[5m])) > 1
        annotations: {summary: '{{ $labels.workflow }}'}
";
    let dashboard = r#"{"title": "Mine", "templating": {"list": [
        {"name": "workflow", "type": "query", "query": "label_values(tta_workflow_executions_total, workflow)"}]},
      "panels": [{"title": "", "panels": [{"title": "Hits", "targets": [
        {"refId": "A", "expr": "sum by (cache) (rate(tta_cache_operations_total{job=\"$job\"}[$__rate_interval]))", "legendFormat": "{{ cache_type }}"},
        {"refId": "B", "expr": "{app=\"x\"} |= `y`", "datasource": {"type": "loki"}},
        {"refId": "C", "expr": "sum by (job"}]}]}]}"#;
    for (name, text) in [("mine.yml", rules), ("mine.json", dashboard)] {
        std::fs::write(folder.join(name), text).expect("it can be written");
    }
    let path = |name: &str| folder.join(name).to_str().expect("it is text").to_owned();
    let ran = tta(&["check", &path("mine.yml"), &path("mine.json")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    expect![[r#"
        mine.yml: line 5, job:calls:rate5m: there is no metric `tta_primitive_execution_total`; did you mean `tta_primitive_executions_total`?
        mine.yml: line 8, Slow: `tta_execution_duration_seconds_count` has no label `audience`
        mine.yml: line 8, Slow: the operand of `sum` has no label `jobs`; did you mean `job`?
        mine.yml: line 8, Slow: the two sides never match: only the left one has `job`; only the right one has `jobs`; aggregate both by the same labels, or say which with `on (…)`
        mine.yml: line 8, Slow: the result has no label `workflow`
        mine.json: panel `Hits`, query A: the operand of `sum` has no label `cache`; did you mean `cache_type`?
        mine.json: panel `Hits`, query A: the result has no label `cache_type`; did you mean `cache`?
        mine.json: panel `Hits`, query C: invalid query: unclosed left parenthesis
        mine.json: variable `workflow`: the result has no label `workflow`; did you mean `workflow_name`?
    "#]].assert_eq(&ran.stdout.replace(&format!("{}/", folder.display()), ""));

    let ran = tta(&["check", "--label", "audience", &path("mine.yml")]);
    assert!(!ran.stdout.contains("audience"), "{}", ran.stdout);
}

/// Writes files with these names and texts, checks them in order, and returns the findings.
#[track_caller]
fn checked_files(test: &str, files: &[(&str, &str)]) -> String {
    let folder = folder(&format!("check-files-{test}"));
    let path = |(name, text): &(&str, &str)| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    };
    let paths: Vec<_> = files.iter().map(path).collect();
    let ran = tta(&["check"].into_iter().chain(paths.iter().map(String::as_str)).collect::<Vec<_>>());
    assert_eq!((ran.code, ran.stderr.as_str()), (i32::from(!ran.stdout.is_empty()), ""));
    ran.stdout.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn a_series_recorded_from_other_programs_may_have_any_label() {
    let rules = "\
groups:
  - name: mine
    rules:
      - {record: 'job:cpu:rate5m', expr: 'rate(node_cpu_seconds_total[5m])'}
      - {record: 'job:cpu:idle', expr: 'sum by (job) (job:cpu:rate5m{mode=\"idle\"})'}
      - {alert: Hot, expr: 'job:cpu:rate5m{instance=\"a\"} > 1', annotations: {summary: '{{ $labels.cpu }}'}}
      - {alert: Idle, expr: 'job:cpu:idle{mode=\"idle\"} > 1'}
";
    expect![[r#"
        mine.yml: line 7, Idle: `job:cpu:idle` has no label `mode`
    "#]]
    .assert_eq(&checked_files("other", &[("mine.yml", rules)]));
}

#[test]
fn a_rule_may_read_a_series_that_a_later_file_records() {
    let reader = "\
groups:
  - name: readers
    rules:
      - {record: 'job:twice:rate5m', expr: '2 * job:once:rate5m'}
      - {alert: A, expr: 'job:twice:rate5m{primitive_name=\"a\"} > 1'}
      - {alert: B, expr: 'job:twice:rate5m{primitive=\"a\"} > 1'}
";
    let recorder = "\
groups:
  - name: recorders
    rules:
      - {record: 'job:once:rate5m', expr: 'sum by (job, primitive_name) (rate(tta_primitive_executions_total[5m]))'}
";
    expect![[r#"
        reader.yml: line 6, B: `job:twice:rate5m` has no label `primitive`; did you mean `primitive_name`?
    "#]]
    .assert_eq(&checked_files("later", &[("reader.yml", reader), ("recorder.yml", recorder)]));
}

#[test]
fn labels_that_a_rule_or_its_group_sets_are_labels_of_the_recorded_series() {
    let rules = "\
groups:
  - name: mine
    labels: {team: agents}
    rules:
      - {record: 'calls:rate', expr: 'sum by (job) (rate(tta_primitive_executions_total[5m]))', labels: {window: 5m}}
      - {record: 'calls:rate', expr: 'sum (rate(tta_primitive_executions_total[1h]))', labels: {window: 1h, span: long, team: ''}}
      - {alert: A, expr: 'calls:rate{window=\"5m\",job=\"a\",span=\"long\",team=\"agents\"} > 1'}
      - {alert: B, expr: 'calls:rate{windows=\"5m\"} > 1', labels: {severity: page}, annotations: {summary: '{{ $labels.severity }}'}}
      - {record: 'calls:bare', expr: 'calls:rate', labels: {window: ''}}
      - {alert: C, expr: 'calls:bare{window=\"5m\"} > 1'}
";
    expect![[r#"
        mine.yml: line 8, B: `calls:rate` has no label `windows`; did you mean `window`?
        mine.yml: line 8, B: the result has no label `severity`
        mine.yml: line 10, C: `calls:bare` has no label `window`
    "#]]
    .assert_eq(&checked_files("labels", &[("mine.yml", rules)]));
}

#[test]
fn a_json_file_without_panels_is_refused() {
    let path = folder("check-package").join("package.json");
    std::fs::write(&path, r#"{"name": "mine", "version": "1.0.0"}"#).expect("it can be written");
    let path = path.to_str().expect("it is text");
    let ran = tta(&["check", path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        ran.stderr,
        format!(
            "error: {path}: not a dashboard: no panel found in `panels`, or in `elements` of the schema with tabs\n"
        )
    );
}

/// Checks alerts with these queries under `views`, and returns the findings.
#[track_caller]
fn checked(name: &str, views: &str, queries: &[&str]) -> String {
    let folder = folder(&format!("check-{name}-{}", views.replace(',', "-")));
    let rule = |query: &&str| format!("  - alert: A\n    expr: '{query}'\n");
    let rules = queries.iter().map(rule).collect::<Vec<_>>().concat();
    let file = folder.join("mine.yml");
    std::fs::write(&file, format!("groups:\n- name: mine\n  rules:\n{rules}")).expect("it can be written");
    let ran = tta(&["check", "--view", views, file.to_str().expect("it is text")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (i32::from(!ran.stdout.is_empty()), ""));
    ran.stdout.replace(&format!("{}/", folder.display()), "")
}

/// Queries that dashboards of each view use.
const QUERIES: &[&str] = &[
    "sum by (primitive_name, action, status) (rate(tta_primitive_executions_total[5m]))",
    "sum by (primitive_action, execution_status) (rate(primitive_execution_count_total[5m]))",
    "histogram_quantile(0.95, sum by (primitive_name, le) (rate(primitive_execution_duration_milliseconds_bucket[5m])))",
    "sum by (gen_ai_token_type) (rate(gen_ai_client_token_usage_sum[5m]))",
    "primitive_slo_compliance{slo_name=\"latency\"}",
    "tta:request_rate_5m + on (job) tta:cost_per_hour_dollars",
];

#[test]
fn each_view_has_names_and_labels_of_its_own() {
    expect![""].assert_eq(&checked("each", "tta", QUERIES));
    expect![[r#"
        mine.yml: line 5, A: there is no metric `tta_primitive_executions_total`; did you mean `tta_primitive_errors_total`?
        mine.yml: line 11, A: there is no metric `gen_ai_client_token_usage_sum`
        mine.yml: line 15, A: there is no metric `tta:request_rate_5m`; did you mean `tta:cache_hit_rate_5m`?
    "#]].assert_eq(&checked("each", "otel", QUERIES));
    expect![[r#"
        mine.yml: line 5, A: there is no metric `tta_primitive_executions_total`
        mine.yml: line 15, A: there is no metric `tta:request_rate_5m`
        mine.yml: line 15, A: there is no metric `tta:cost_per_hour_dollars`
    "#]]
    .assert_eq(&checked("each", "otel_token_usage", QUERIES));
    expect![[r#"
        mine.yml: line 5, A: the operand of `sum` has no label `action`
        mine.yml: line 7, A: the operand of `sum` has no label `primitive_action`; did you mean `primitive_type`?
    "#]]
    .assert_eq(&checked("each", "classic", QUERIES));
}

#[test]
fn several_views_add_up_and_the_first_one_wins_a_shared_name() {
    let cost_by = "sum by (workflow_name) (tta_llm_cost_total) and on () agent_workflows_active";
    assert_eq!(checked("several", "tta,classic", &[cost_by]), "");
    expect![[r#"
        mine.yml: line 5, A: the operand of `sum` has no label `workflow_name`
    "#]]
    .assert_eq(&checked("several", "classic,tta", &[cost_by]));
}

#[test]
fn a_misspelt_name_of_a_view_is_found() {
    let queries = [
        "rate(primitive_execution_duration_seconds_bucket[5m])",
        "rate(gen_ai_client_operation_duration_sum[5m])",
        "slo_compliance",
        "cache_hits",
        "rate(cache_evictions_total[5m])",
        "node_load1",
    ];
    expect![[r#"
        mine.yml: line 5, A: there is no metric `primitive_execution_duration_seconds_bucket`; did you mean `primitive_execution_duration_milliseconds_bucket`?
        mine.yml: line 7, A: there is no metric `gen_ai_client_operation_duration_sum`; did you mean `gen_ai_client_operation_duration_seconds_sum`?
        mine.yml: line 9, A: there is no metric `slo_compliance`; did you mean `slo_compliance_ratio`?
        mine.yml: line 11, A: there is no metric `cache_hits`; did you mean `cache_hits_total`?
    "#]].assert_eq(&checked("spelling", "otel", &queries));
}

#[test]
fn an_unknown_view_is_refused_with_a_list_of_known_ones() {
    let ran = tta(&["check", "--view", "clasic", "mine.yml"]);
    assert_eq!(ran.code, 2);
    expect![[r#"
        error: invalid value 'clasic' for '--view <VIEW>'
          [possible values: tta, otel, otel_latest, otel_token_usage, classic]

          tip: a similar value exists: 'classic'

        For more information, try '--help'.
    "#]]
    .assert_eq(&ran.stderr);
}

#[test]
fn a_file_that_cannot_be_read_ends_with_2() {
    let ran = tta(&["check", "no-such.yml"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: cannot read no-such.yml: No such file or directory (os error 2)\n")
    );
    assert_eq!(tta(&["check"]).code, 2);
}
