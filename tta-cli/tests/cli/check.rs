//! `tta check`.

use expect_test::expect;

use crate::run::{folder, root, tta};

#[test]
fn what_is_shipped_has_no_fault() {
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
fn faults_are_named_with_file_place_and_remedy() {
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
        mine.yml: line 8, Slow: what is under `sum` has no label `jobs`; did you mean `job`?
        mine.yml: line 8, Slow: the two sides never match: only the left one has `job`; only the right one has `jobs`; aggregate both by the same labels, or say which with `on (…)`
        mine.yml: line 8, Slow: the answer has no label `workflow`
        mine.json: panel `Hits`, query A: what is under `sum` has no label `cache`
        mine.json: panel `Hits`, query A: the answer has no label `cache_type`
        mine.json: panel `Hits`, query C: no query: unclosed left parenthesis
        mine.json: variable `workflow`: the answer has no label `workflow`; did you mean `workflow_name`?
    "#]].assert_eq(&ran.stdout.replace(&format!("{}/", folder.display()), ""));

    let ran = tta(&["check", "--label", "audience", &path("mine.yml")]);
    assert!(!ran.stdout.contains("audience"), "{}", ran.stdout);
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
