//! The recording rules and alerts: properties of the rows, and checks of the committed files by Prometheus' tools.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use promql_parser::parser::{Expr, parse};
use promql_parser::util::visitor::{ExprVisitor, walk_expr};
use tta_cli::promql::analysis;
use tta_cli::promql::catalogue::Catalogue;
use tta_cli::rule::{alert, case, recording};
use tta_runtime::schema::METRICS;

use crate::run::root;

/// Names of earlier versions that users' dashboards and alerts rely on.
const STABLE_NAMES: &[&str] = &[
    "tta:request_rate_5m",
    "tta:success_rate_5m",
    "tta:error_rate_5m",
    "tta:latency_p50_5m",
    "tta:latency_p95_5m",
    "tta:latency_p99_5m",
    "tta:latency_avg_5m",
    "tta:cache_hit_rate_5m",
    "tta:workflow_rate_5m",
    "tta:workflow_success_rate_5m",
    "tta:workflow_duration_p95_5m",
    "tta:primitive_rate_5m",
    "tta:cost_per_hour_dollars",
    "tta:p95_latency_seconds",
    "tta:total_executions_24h",
    "tta:estimated_cost_savings_24h",
    "tta:request_growth_rate_24h",
];

/// Runs a tool of Prometheus on the committed files.
#[track_caller]
fn check(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(root().join("prometheus-rules")).output();
    let output = output.unwrap_or_else(|error| panic!("`{program}` does not run, install it: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
}

/// Returns the name and the query of each rule.
fn queries() -> impl Iterator<Item = (&'static str, String)> {
    let recordings = recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| (rule.name, rule.query));
    let alerts = alert::GROUPS.iter().flat_map(|group| group.alerts).map(|alert| (alert.name, alert.query));
    recordings.chain(alerts).map(|(name, query)| (name, query.replace("$interval", "30").replace("$job", "j")))
}

/// Calls a function with each subexpression of a query.
fn walk(query: &str, each: impl FnMut(&Expr)) {
    struct Each<F>(F);
    impl<F: FnMut(&Expr)> ExprVisitor for Each<F> {
        type Error = String;
        fn pre_visit(&mut self, expression: &Expr) -> Result<bool, String> {
            (self.0)(expression);
            Ok(true)
        }
    }
    walk_expr(&mut Each(each), &parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))).expect("it is walked");
}

#[test]
fn prometheus_and_alertmanager_accept_the_files() {
    check("promtool", &["check", "rules", "--lint=all", "--lint-fatal", "recording.yml", "alerts.yml"]);
    check("promtool", &["check", "config", "prometheus.yml"]);
    check("amtool", &["check-config", "alertmanager.yml"]);
}

#[test]
fn each_rule_passes_its_test_cases() {
    let mut files: Vec<_> = std::fs::read_dir(root().join("prometheus-rules/tests"))
        .expect("they are there")
        .map(|entry| format!("tests/{}", entry.expect("it is listed").file_name().to_str().expect("it is text")))
        .collect();
    files.sort();
    // One process takes minutes for all.
    std::thread::scope(|scope| {
        for file in &files {
            scope.spawn(move || check("promtool", &["test", "rules", file]));
        }
    });
}

#[test]
fn each_rule_has_a_test_case() {
    let with_value: BTreeSet<_> = case::recorded::CASES
        .iter()
        .flat_map(|case| case.rules)
        .filter(|(_, samples)| !samples.is_empty())
        .map(|(rule, _)| rule.name)
        .collect();
    let recorded: BTreeSet<_> = recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name).collect();
    assert_eq!(with_value, recorded);

    let mut cases: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for case in case::alerts::all() {
        let (firing, silent) = cases.entry(case.alert.name).or_default();
        for (_, fires) in case.checks {
            *(if fires.is_empty() { &mut *silent } else { &mut *firing }) += 1;
        }
    }
    for alert in alert::GROUPS.iter().flat_map(|group| group.alerts) {
        let (firing, silent) = cases.remove(alert.name).unwrap_or_default();
        assert!(
            firing > 0 && silent > 0,
            "{} is seen to fire {firing} times, and to be silent {silent} times",
            alert.name
        );
    }
    assert_eq!(cases, BTreeMap::new(), "cases without an alert");
}

/// Returns whether a query extrapolates or divides, itself or in a recorded series that it reads.
fn misleads(query: &str, recorded: &BTreeMap<&str, &str>) -> bool {
    let (mut found, mut read) = (false, BTreeSet::new());
    walk(&query.replace("$interval", "30").replace("$job", "j"), |expression| match expression {
        Expr::Call(call) => {
            found |= ["predict_linear", "deriv", "holt_winters", "double_exponential_smoothing", "histogram_quantile"]
                .contains(&call.func.name);
        }
        // To compare with a multiple is to divide.
        Expr::Binary(binary) => {
            let is_number = |side: &Expr| matches!(side, Expr::NumberLiteral(_));
            let of_numbers = is_number(&binary.lhs) && is_number(&binary.rhs);
            found |= ["/", "*"].contains(&binary.op.to_string().as_str()) && !of_numbers;
        }
        Expr::VectorSelector(selector) => read.extend(selector.name.clone()),
        Expr::MatrixSelector(matrix) => read.extend(matrix.vs.name.clone()),
        _ => {}
    });
    found || read.iter().filter_map(|name| recorded.get(name.as_str())).any(|query| misleads(query, recorded))
}

#[test]
fn each_alert_that_extrapolates_or_divides_has_a_step_low_traffic_a_reset_and_absent_data() {
    let recorded: BTreeMap<_, _> =
        recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| (rule.name, rule.query)).collect();
    let alerts = alert::GROUPS.iter().flat_map(|group| group.alerts);
    let misleading: Vec<_> = alerts.filter(|alert| misleads(alert.query, &recorded)).map(|alert| alert.name).collect();
    let mut covered = Vec::new();
    for hazards in case::alerts::hazard::HAZARDS {
        let cases = [hazards.step, hazards.low_traffic, hazards.reset, hazards.absence];
        let name = cases[0].alert.name;
        assert!(cases.iter().all(|case| case.alert.name == name), "{name}: all cases are of one alert");
        assert!(cases.iter().all(|case| case.checks.iter().any(|(_, fires)| fires.is_empty())), "{name}");
        assert!(hazards.step.input.iter().any(|(_, values)| has_a_step(&samples(values))), "{name}: no step");
        assert!(hazards.reset.input.iter().any(|(_, values)| falls(&samples(values))), "{name}: no reset");
        let is_absent = |values: &[Option<f64>]| values.contains(&None);
        assert!(
            hazards.absence.input.iter().all(|(_, values)| is_absent(&samples(values))),
            "{name}: nothing is absent"
        );
        covered.push(name);
    }
    covered.sort_unstable();
    let mut expected = misleading;
    expected.sort_unstable();
    assert_eq!(covered, expected, "left: alerts with the four cases; right: alerts that extrapolate or divide");
}

#[test]
fn multiples_and_predictions_mislead_and_sums_do_not() {
    let recorded = BTreeMap::from([("ratio", "a / b"), ("through", "max(ratio)"), ("sum", "sum(rate(a[5m]))")]);
    for query in ["a > 2 * b", "a / b > 1", "predict_linear(a[5m], 60) < 0", "through > 1", "ratio offset 1h > 1"] {
        assert!(misleads(query, &recorded), "{query}");
    }
    for query in ["a > 30 * 86400", "sum > 1", "increase(a[5m]) > 0.5"] {
        assert!(!misleads(query, &recorded), "{query}");
    }
}

/// Expands values in promtool's notation.
fn samples(values: &str) -> Vec<Option<f64>> {
    let mut samples = Vec::new();
    for item in values.split_whitespace() {
        let (what, times) = item.split_once('x').map_or((item, None), |(what, times)| (what, times.parse().ok()));
        if what == "_" || what == "stale" {
            samples.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
            continue;
        }
        let sign = what.rfind(['+', '-']).filter(|at| *at > 0);
        let (start, step) = sign.map_or((what, "0"), |at| what.split_at(at));
        let number = |text: &str| text.parse::<f64>().unwrap_or_else(|error| panic!("{item}: {error}"));
        // `a+bx3` is four values, and `a` alone is one.
        let (start, step) = (number(start), number(step));
        samples.extend((0..=times.unwrap_or(0)).map(|n| Some(start + step * n as f64)));
    }
    samples
}

/// Returns whether one change is more than twice as large as the one before and the one after it.
fn has_a_step(samples: &[Option<f64>]) -> bool {
    let changes: Vec<_> = samples.windows(2).filter_map(|two| Some((two[1]? - two[0]?).abs())).collect();
    changes.windows(3).any(|three| three[1] > 2.0 * three[0].max(three[2]))
}

/// Returns whether a value falls, or rises where the others fall.
fn falls(samples: &[Option<f64>]) -> bool {
    let changes: Vec<_> = samples.windows(2).filter_map(|two| Some(two[1]? - two[0]?)).collect();
    changes.iter().any(|change| *change < 0.0) && changes.iter().any(|change| *change >= 0.0)
}

#[test]
fn names_are_unique_and_the_stable_ones_exist() {
    let names: Vec<_> = queries().map(|(name, _)| name).collect();
    let unique: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(names.len(), unique.len());
    for name in STABLE_NAMES {
        assert!(unique.contains(name), "{name}");
    }
    for name in recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name) {
        let parts = name.split(':').count();
        assert!(STABLE_NAMES.contains(&name) || parts == 3, "{name} is not of the form level:metric:operation");
    }
    let groups: BTreeSet<_> =
        recording::GROUPS.iter().map(|group| group.name).chain(alert::GROUPS.iter().map(|group| group.name)).collect();
    assert_eq!(groups.len(), recording::GROUPS.len() + alert::GROUPS.len());
    assert!(recording::GROUPS.len() >= 14 && alert::GROUPS.len() >= 7, "{groups:?}");
}

#[test]
fn every_name_and_label_of_a_query_exists() {
    let catalogue = Catalogue::shipped([""; 0]);
    for (name, query) in queries() {
        let findings: Vec<_> = analysis::findings(&query, &catalogue).iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{name}: {findings:?}");
    }
}

#[test]
fn recorded_series_are_aggregated_over_instances() {
    let catalogue = Catalogue::shipped([""; 0]);
    for (name, query) in queries().filter(|(name, _)| name.contains(':')) {
        let labels = analysis::labels(&query, &catalogue).expect("its labels are known");
        assert!(labels.contains("job") && !labels.contains("instance") && !labels.contains("le"), "{name}: {labels:?}");
    }
}

#[test]
fn both_sides_of_a_ratio_have_the_same_labels() {
    let catalogue = Catalogue::shipped([""; 0]);
    let mut ratios = 0;
    for (name, query) in queries() {
        walk(&query, |expression| {
            let Expr::Binary(binary) = expression else { return };
            if binary.op.to_string() != "/" {
                return;
            }
            let [left, right] =
                [&binary.lhs, &binary.rhs].map(|side| analysis::labels(&side.to_string(), &catalogue).expect("known"));
            // A share of a whole has more labels than the whole, and is matched by `on (…)`.
            let is_share = left.is_superset(&right) && binary.is_matching_on();
            assert!(left == right || is_share, "{name}: {left:?} / {right:?}");
            ratios += 1;
        });
    }
    assert!(ratios >= 20, "{ratios} ratios were looked at");
}

#[test]
fn a_quantile_reads_buckets_summed_by_le() {
    let mut quantiles = 0;
    for (name, query) in queries() {
        walk(&query, |expression| {
            let Expr::Call(call) = expression else { return };
            if call.func.name != "histogram_quantile" {
                return;
            }
            let buckets = call.args.args[1].to_string();
            assert!(buckets.starts_with("sum by (") && buckets.contains(", le)"), "{name}: {buckets}");
            quantiles += 1;
        });
    }
    assert!(quantiles >= 8, "{quantiles} quantiles were looked at");
}

#[test]
fn no_rule_invents_zeros() {
    for (name, query) in queries() {
        walk(&query, |expression| match expression {
            // In an alert, the right side of `or` must pass the threshold, too.
            Expr::Binary(binary) if name.contains(':') => assert_ne!(binary.op.to_string(), "or", "{name}"),
            Expr::Call(call) => assert!(!["vector", "absent"].contains(&call.func.name), "{name}"),
            _ => {}
        });
    }
}

#[test]
fn a_rule_reads_only_earlier_rules_of_its_group() {
    let mut reads = 0;
    for group in recording::GROUPS {
        let mut before = BTreeSet::new();
        for rule in group.rules {
            walk(&rule.query.replace("$interval", "30"), |expression| {
                let (Expr::VectorSelector(selector)
                | Expr::MatrixSelector(promql_parser::parser::MatrixSelector { vs: selector, .. })) = expression
                else {
                    return;
                };
                let name = selector.name.as_deref().expect("it is named");
                if name.contains(':') {
                    assert!(before.contains(name), "{} reads {name}", rule.name);
                    reads += 1;
                }
            });
            before.insert(rule.name);
        }
    }
    assert!(reads >= 10, "{reads} such reads were looked at");
}

#[test]
fn counters_are_read_as_rates() {
    for (name, query) in queries() {
        walk(&query, |expression| {
            let (Expr::Aggregate(_) | Expr::Binary(_)) = expression else { return };
            let inner = match expression {
                Expr::Aggregate(aggregate) => vec![&aggregate.expr],
                Expr::Binary(binary) => vec![&binary.lhs, &binary.rhs],
                _ => return,
            };
            for part in inner {
                let Expr::VectorSelector(selector) = part.as_ref() else { continue };
                let read = selector.name.as_deref().unwrap_or_default();
                let counts = ["_total", "_bucket", "_sum", "_count"].iter().any(|suffix| read.ends_with(suffix));
                assert!(!counts || read.contains(':'), "{name} reads {read} as it is");
            }
        });
    }
}

/// Counters of losses and refusals, and the alert that watches each.
const LOSSES: &[(&str, &str)] = &[
    ("tta_llm_unpriced_total", "TtaUnpricedTokens"),
    ("tta_llm_calls_by_price_total", "TtaCostIncomplete"),
    ("tta_budget_soft_limit_reached_total", "TtaBudgetSoftLimit"),
    ("tta_budget_refusals_total", "TtaBudgetRefusing"),
    ("tta_loops_total", "TtaAgentLoops"),
    ("tta_run_limits_total", "TtaRunLimitReached"),
    ("tta_saga_compensations_total", "TtaCompensationFailed"),
    ("tta_cache_operations_total", "TtaCacheFailing"),
    ("tta_telemetry_spans_dropped_total", "TtaSpansDropped"),
    ("tta_telemetry_log_records_dropped_total", "TtaLogRecordsDropped"),
    ("tta_telemetry_span_parts_dropped_total", "TtaSpanPartsDropped"),
    ("tta_telemetry_exports_total", "TtaExportFailing"),
    ("tta_telemetry_capped_total", "TtaLabelsCapped"),
    ("tta_telemetry_label_values_capped_total", "TtaLabelValuesCapped"),
    ("tta_telemetry_detached_total", "TtaDetached"),
];

/// Counters of the telemetry itself that count successes.
const NO_LOSSES: &[&str] = &["tta_telemetry_spans_ended_total", "tta_telemetry_spans_exported_total"];

#[test]
fn each_counter_of_losses_has_an_alert() {
    let recorded: BTreeMap<_, _> =
        recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| (rule.name, rule.query)).collect();
    for (counter, alert) in LOSSES {
        assert!(METRICS.iter().any(|metric| metric.name == *counter), "{counter}");
        let queries: BTreeMap<_, _> = queries().collect();
        let mut reads = false;
        walk(&queries[alert], |expression| {
            let (Expr::VectorSelector(selector)
            | Expr::MatrixSelector(promql_parser::parser::MatrixSelector { vs: selector, .. })) = expression
            else {
                return;
            };
            let name = selector.name.as_deref().expect("it is named");
            reads |= name == *counter || recorded.get(name).is_some_and(|query| query.contains(counter));
        });
        assert!(reads, "{alert} does not read {counter}");
    }
    let own = METRICS.iter().map(|metric| metric.name);
    let own = own.filter(|name| name.starts_with("tta_telemetry_") && name.ends_with("_total"));
    for counter in own.filter(|name| !NO_LOSSES.contains(name)) {
        assert!(LOSSES.iter().any(|(known, _)| *known == counter), "{counter} has no alert");
    }
}

#[test]
fn queries_in_runbooks_read_existing_series() {
    let catalogue = Catalogue::shipped([""; 0]);
    let mut queries = 0;
    for entry in std::fs::read_dir(root().join("docs/runbooks")).expect("they are there") {
        let path = entry.expect("it is listed").path();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        for quoted in text.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains("tta_")) {
            // Variables, commands and functions do not parse as a query. A histogram's own name is not a series.
            let is_metric = METRICS.iter().any(|metric| metric.name == quoted);
            if parse(quoted).is_ok() && !is_metric {
                let findings: Vec<_> = analysis::findings(quoted, &catalogue).iter().map(ToString::to_string).collect();
                assert!(findings.is_empty(), "{}: {findings:?}", path.display());
                queries += 1;
            }
        }
    }
    assert!(queries >= 40, "{queries} queries were looked at");
}

#[test]
fn an_alert_has_a_number_in_its_summary_and_a_runbook() {
    let catalogue = Catalogue::shipped([""; 0]);
    for alert in alert::GROUPS.iter().flat_map(|group| group.alerts) {
        let name = alert.name;
        assert!(name.starts_with("Tta"), "{name}");
        assert!(alert.summary.contains("$value"), "{name}: the summary has no number");
        assert!(!alert.description.contains("{{"), "{name}: numbers belong into the summary");
        let labels = analysis::labels(&alert.query.replace("$job", "j"), &catalogue).expect("its labels are known");
        for used in alert.summary.split("$labels.").skip(1) {
            let label: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(labels.contains(&label), "{name}: the summary names {label}, of {labels:?}");
        }
        let page = std::fs::read_to_string(root().join("docs/runbooks").join(format!("{name}.md")))
            .unwrap_or_else(|error| panic!("docs/runbooks/{name}.md: {error}"));
        let headings: Vec<_> = page.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, [format!("# {name}").as_str(), "## What it means", "## What to look at", "## What to do"]);
        assert!(page.len() > 700, "docs/runbooks/{name}.md says too little");
    }
    let pages = std::fs::read_dir(root().join("docs/runbooks")).expect("they are there").count();
    assert_eq!(pages, alert::GROUPS.iter().map(|group| group.alerts.len()).sum::<usize>(), "a page without an alert");
}
