//! The variant of rules and dashboards for native histograms, which Prometheus' own tools run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use promql_parser::parser::{Expr, parse};
use promql_parser::util::visitor::{ExprVisitor, walk_expr};
use serde_json::Value;
use tta_cli::file::profile::Profile;
use tta_cli::promql::native::histogram_of;
use tta_cli::{files, rule::recording};
use tta_runtime::schema::METRICS;

/// Writes the variant into a folder of this test.
fn written(folder: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = std::fs::remove_dir_all(&folder);
    for artefact in files::all(&Profile::default().with_native_histograms()) {
        artefact.write(&folder).expect("it can be written");
    }
    folder
}

#[track_caller]
fn promtool(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("promtool").args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("`promtool` does not run, install it: {error}"));
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "promtool {arguments:?}: {text}");
    text
}

/// The series that a query reads.
#[derive(Default)]
struct Series(Vec<String>);

impl ExprVisitor for Series {
    type Error = String;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, String> {
        match expression {
            Expr::VectorSelector(selector) => self.0.extend(selector.name.clone()),
            Expr::MatrixSelector(matrix) => self.0.extend(matrix.vs.name.clone()),
            _ => {}
        }
        Ok(true)
    }
}

fn series(query: &str) -> Vec<String> {
    let mut series = Series::default();
    walk_expr(&mut series, &parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))).expect("it is walked");
    series.0
}

#[test]
fn the_cases_of_classic_histograms_hold_for_the_variant() {
    let folder = written("native_of_classic").join("prometheus-rules");
    promtool(&folder, &["check", "rules", "--lint=all", "--lint-fatal", "recording.yml", "alerts.yml"]);
    let cases: Vec<_> = std::fs::read_dir(folder.join("tests")).expect("it is there").flatten().collect();
    let files: Vec<_> = cases.iter().map(|file| format!("tests/{}", file.file_name().display())).collect();
    let recordings: Vec<_> = files.iter().filter(|file| file.contains("recording_")).map(String::as_str).collect();
    assert!(recordings.len() >= 3, "{files:?}");
    promtool(&folder, &[&["test", "rules"][..], &recordings].concat());
}

/// Returns a case with native histograms alone, in which each second has an observation of about 1, for each rule that reads one.
fn native_case() -> String {
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in recording::GROUPS.iter().flat_map(|group| group.rules) {
        for read in series(&rule.query.replace("$interval", "30")) {
            if let Some((histogram, _)) = histogram_of(&read) {
                rules.entry(histogram).or_default().push(rule.name);
            }
        }
    }
    assert!(rules.len() >= 9, "{rules:?}");
    let mut case =
        "rule_files: [recording.yml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n"
            .to_owned();
    for histogram in rules.keys() {
        let metric = METRICS.iter().find(|metric| metric.name == *histogram).expect("it is known");
        let labels: String = metric.labels.iter().flat_map(|label| [",", label, "=\"v\""]).collect();
        let minute = "{{schema:5 count:60 sum:60 buckets:[60]}}";
        let none = minute.replace("60", "0");
        let _ = writeln!(case, "      - series: '{histogram}{{job=\"j\",instance=\"x\"{labels}}}'");
        let _ = writeln!(case, "        values: '{none}+{minute}x120'");
    }
    case.push_str("    promql_expr_test:\n");
    let mut names: Vec<_> = rules.values().flatten().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let _ = writeln!(case, "      - expr: 'count(abs({name} - 1) < 0.03)'\n        eval_time: 2h");
        case.push_str("        exp_samples: [{labels: '{}', value: 1}]\n");
    }
    case
}

#[test]
fn each_recorded_series_of_a_histogram_has_its_value_from_the_native_one_alone() {
    let folder = written("native_alone").join("prometheus-rules");
    std::fs::write(folder.join("native.yml"), native_case()).expect("it can be written");
    let version = promtool(&folder, &["--version"]);
    if version.contains("version 2.") {
        // It has no notation for native histograms in cases: `scripts/test` runs this test under the newer version, too.
        assert!(!version.contains("version 3."), "{version}");
        return;
    }
    promtool(&folder, &["test", "rules", "native.yml"]);
}

#[test]
fn every_query_of_a_classic_histogram_reads_the_native_one_first() {
    let mut rewritten = 0;
    let mut check = |query: &str, place: &str| {
        let read = series(&query.replace("$__rate_interval", "1m").replace("$__range", "1m").replace("$job", "j"));
        for (histogram, part) in read.iter().filter_map(|name| histogram_of(name)) {
            assert!(read.iter().any(|name| name == histogram), "{place} reads {histogram}{part} alone: {query}");
            rewritten += 1;
        }
    };
    for artefact in files::all(&Profile::default().with_native_histograms()) {
        let path = artefact.path.display().to_string();
        if path.contains("grafana/dashboards") && artefact.path.extension().is_some_and(|of| of == "json") {
            queries(&serde_json::from_str(&artefact.text).expect("it is JSON"), &mut |query| check(query, &path));
        }
    }
    for rule in recording::GROUPS.iter().flat_map(|group| group.rules) {
        let query = tta_cli::promql::native::prefer_native(&rule.query.replace("$interval", "30"));
        check(&query.expect("it is a query"), rule.name);
    }
    assert!(rewritten >= 25, "{rewritten} queries read histograms");
}

fn queries(file: &Value, each: &mut impl FnMut(&str)) {
    match file {
        Value::Object(fields) => {
            if let Some(query) = fields.get("expr").and_then(Value::as_str) {
                each(query);
            }
            for field in fields.values() {
                queries(field, each);
            }
        }
        Value::Array(items) => {
            for item in items {
                queries(item, each);
            }
        }
        _ => {}
    }
}
