//! The same numbers under OpenTelemetry's names, as a collector receives them and as `/metrics` exposes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use expect_test::{expect, expect_file};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint};
use tta_runtime::llm::Usage;
use tta_runtime::testing::Recording;
use tta_runtime::{View, primitive};

use crate::child::{Finished, run, subject};
use crate::exports::{labels, value};
use crate::receiver::Receiver;

/// Runs the program with these variables, and returns its output and the received metrics, by name.
fn exported(variables: &[(&str, &str)]) -> (Finished, BTreeMap<String, Metric>) {
    let receiver = Receiver::start();
    let mut subject = subject("views");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).envs(variables.iter().copied());
    let finished = run(&mut subject);
    let metrics = std::mem::take(&mut receiver.received().metrics);
    let number = metrics.len();
    let by_name: BTreeMap<_, _> = metrics.into_iter().map(|metric| (metric.name.clone(), metric)).collect();
    assert_eq!(by_name.len(), number, "each name came once");
    (finished, by_name)
}

/// Returns the kind of a metric, and the numbers of its non-empty series; of histograms only the counts.
fn described(metric: &Metric) -> String {
    let mut text = format!("{} {}", metric.name, metric.unit);
    let is_time = ["s", "ms"].contains(&metric.unit.as_str());
    let mut lines: Vec<String> = match metric.data.as_ref().expect("a metric has data") {
        Data::Sum(sum) => {
            let kind = if sum.is_monotonic { "counter" } else { "up-down counter" };
            write!(text, " {kind}, {:?}", sum.aggregation_temporality()).expect("a string grows");
            sum.data_points.iter().filter_map(number).collect()
        }
        Data::Gauge(gauge) => {
            text += " gauge";
            gauge.data_points.iter().filter_map(number).collect()
        }
        Data::Histogram(histogram) => {
            write!(text, " histogram, {:?}", histogram.aggregation_temporality()).expect("a string grows");
            histogram.data_points.iter().filter_map(|point| distribution(point, is_time)).collect()
        }
        other => panic!("no metric of ours is {other:?}"),
    };
    lines.sort();
    text + "\n" + &lines.concat()
}

fn number(point: &NumberDataPoint) -> Option<String> {
    let value = value(point);
    (value != "0").then(|| format!("  {} = {value}\n", labels(&point.attributes, None)))
}

fn distribution(point: &HistogramDataPoint, is_time: bool) -> Option<String> {
    if point.count == 0 {
        return None;
    }
    let mut text = format!("  {} = {} observations", labels(&point.attributes, None), point.count);
    if is_time {
        assert!(point.sum.expect("it has a sum") > 0.0 && point.bucket_counts.iter().sum::<u64>() == point.count);
    } else {
        write!(text, ", sum {}, counts {:?}", point.sum.expect("it has a sum"), point.bucket_counts)
            .expect("a string grows");
    }
    Some(format!("{text}\n    {:?}\n", point.explicit_bounds))
}

#[test]
fn a_collector_gets_the_instruments_of_the_conventions() {
    let (_, mut metrics) = exported(&[]);
    assert!(metrics.contains_key("tta_telemetry_spans_ended_total"));
    // The telemetry's own numbers depend on the moment.
    metrics.retain(|name, _| !name.starts_with("tta_telemetry_"));
    expect_file!["otel.txt"].assert_eq(&metrics.values().map(described).collect::<String>());
}

#[test]
fn the_newest_names_of_the_conventions_stand_in_for_the_others() {
    let named = |variables: &[(&str, &str)]| {
        let (_, metrics) = exported(variables);
        let is_about_time = |name: &String| name.starts_with("gen_ai.client") && !name.contains("tokens");
        metrics.into_keys().filter(is_about_time).collect::<Vec<_>>()
    };
    let today = ["duration", "time_per_output_chunk", "time_to_first_chunk"];
    let today = today.map(|name| format!("gen_ai.client.operation.{name}"));
    assert_eq!(named(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "http")]), today);
    let newest = today.map(|name| name.replace("operation", "inference"));
    let newest: Vec<_> = std::iter::once("gen_ai.client.embeddings.duration".to_owned()).chain(newest).collect();
    assert_eq!(named(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "http,gen_ai_latest_experimental")]), newest);
}

/// Returns the text of an attribute, empty without one.
fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}

#[test]
fn embeddings_stand_apart_under_the_newest_names() {
    let (_, metrics) = exported(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")]);
    let operations = |name: &str| -> BTreeSet<String> {
        let attributes = match metrics[name].data.as_ref().expect("a metric has data") {
            Data::Sum(sum) => sum.data_points.iter().map(|point| &point.attributes).collect::<Vec<_>>(),
            Data::Histogram(histogram) => histogram.data_points.iter().map(|point| &point.attributes).collect(),
            other => panic!("{name} is {other:?}"),
        };
        attributes.into_iter().map(|labels| text(labels, "gen_ai.operation.name")).collect()
    };
    for name in ["duration", "operation.input_tokens"] {
        assert_eq!(operations(&format!("gen_ai.client.embeddings.{name}")), BTreeSet::from(["embeddings".to_owned()]));
    }
    for name in ["duration", "operation.input_tokens", "operation.output_tokens", "usage.input_tokens"] {
        let found = operations(&format!("gen_ai.client.inference.{name}"));
        assert!(found.contains("chat") && !found.contains("embeddings"), "{name}: {found:?}");
    }
}

#[test]
fn a_call_adds_0_to_the_counters_of_tokens_that_it_did_not_use() {
    let (_, metrics) = exported(&[]);
    for part in ["cache_read.input_tokens", "cache_write.input_tokens", "reasoning.output_tokens"] {
        let name = format!("gen_ai.client.inference.usage.{part}");
        let Some(Data::Sum(sum)) = &metrics[&name].data else { panic!("{name} is a sum") };
        let of_summaries = |point: &&NumberDataPoint| {
            text(&point.attributes, "gen_ai.request.model") == "gpt-4o-mini"
                && text(&point.attributes, "gen_ai.token.modality") == "unknown"
                && text(&point.attributes, "gen_ai.operation.name") == "generate_content"
        };
        let values: Vec<_> = sum.data_points.iter().filter(of_summaries).map(value).collect();
        assert_eq!(values, ["0"], "{name}");
    }
}

#[test]
fn names_that_a_peer_invents_are_capped() {
    let said = run(subject("mcp_names").env("TTA_METRICS_VIEW", "otel")).stdout;
    let values = |metric: &str, label: &str| -> BTreeSet<&str> {
        let lines = said.lines().filter(|line| line.starts_with(metric));
        let values = lines.filter_map(|line| line.split_once(&format!("{label}=\""))?.1.split_once('"'));
        values.map(|(value, _)| value).collect()
    };
    for (metric, label) in [
        ("mcp_server_operation_duration_seconds_count", "gen_ai_tool_name"),
        ("mcp_server_session_duration_seconds_count", "mcp_protocol_version"),
    ] {
        let found = values(metric, label);
        assert!(found.len() <= 51 && found.contains("other"), "{metric}: {found:?}");
    }
    let of_overflows = "mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/call\"";
    let sum: u32 = said
        .lines()
        .filter(|line| line.starts_with(of_overflows))
        .map(|line| line.rsplit_once(' ').expect("a value").1.parse::<u32>().expect("a count"))
        .sum();
    assert_eq!(sum, 200);
}

#[test]
fn the_older_histogram_of_tokens_is_there_where_it_is_asked_for() {
    let (_, metrics) = exported(&[("TTA_OTLP_METRICS_VIEW", "otel_token_usage")]);
    expect![[r#"
        gen_ai.client.token.usage {token} histogram, Cumulative
          {gen_ai.operation.name="chat",gen_ai.provider.name="aws.bedrock",gen_ai.request.model="amazon.nova-lite-v1:0",gen_ai.response.model="amazon.nova-lite-v1:0-2",gen_ai.token.type="input"} = 2 observations, sum 2000, counts [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="chat",gen_ai.provider.name="aws.bedrock",gen_ai.request.model="amazon.nova-lite-v1:0",gen_ai.response.model="amazon.nova-lite-v1:0-2",gen_ai.token.type="output"} = 2 observations, sum 401, counts [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="chat",gen_ai.provider.name="openai",gen_ai.request.model="gpt-4o-mini",gen_ai.token.type="input"} = 1 observations, sum 64, counts [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="chat",gen_ai.provider.name="openai",gen_ai.request.model="gpt-4o-mini",gen_ai.token.type="output"} = 1 observations, sum 12, counts [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="embeddings",gen_ai.provider.name="openai",gen_ai.request.model="text-embedding-3-small",gen_ai.token.type="input"} = 1 observations, sum 8, counts [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="generate_content",gen_ai.provider.name="openai",gen_ai.request.model="gpt-4o-mini",gen_ai.token.type="input"} = 2 observations, sum 2000, counts [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
          {gen_ai.operation.name="generate_content",gen_ai.provider.name="openai",gen_ai.request.model="gpt-4o-mini",gen_ai.token.type="output"} = 2 observations, sum 107, counts [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0]
    "#]].assert_eq(&metrics.values().map(described).collect::<String>());
}

#[test]
fn what_is_served_under_these_names_is_what_arrives() {
    let (said, metrics) = exported(&[("TTA_METRICS_VIEW", "otel")]);
    let mut arrived: Vec<String> =
        metrics.values().flat_map(|metric| crate::exports::lines(&translated(metric))).collect();
    let mut served: Vec<String> =
        said.stdout.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    // A collector gets no ratios, and the telemetry's own numbers go on between the two.
    served.retain(|line| !line.starts_with("slo_compliance_ratio"));
    for lines in [&mut served, &mut arrived] {
        lines.retain(|line| !line.starts_with("tta_telemetry_"));
    }
    arrived.sort();
    served.sort();
    assert!(served.len() > 100, "{served:#?}");
    assert_eq!(served, arrived);
}

/// Translates names as OpenTelemetry's specification of Prometheus compatibility does.
fn translated(metric: &Metric) -> Metric {
    let mut metric = metric.clone();
    let mut name = metric.name.replace('.', "_");
    let unit = match metric.unit.as_str() {
        "s" => "_seconds",
        "ms" => "_milliseconds",
        "1" => "_ratio",
        _ => "",
    };
    if !name.ends_with(unit) {
        name += unit;
    }
    if matches!(&metric.data, Some(Data::Sum(sum)) if sum.is_monotonic) && !name.ends_with("_total") {
        name += "_total";
    }
    metric.name = name;
    let underscore = |attributes: &mut Vec<opentelemetry_proto::tonic::common::v1::KeyValue>| {
        for attribute in attributes {
            attribute.key = attribute.key.replace('.', "_");
        }
    };
    match metric.data.as_mut().expect("a metric has data") {
        Data::Sum(sum) => sum.data_points.iter_mut().for_each(|point| underscore(&mut point.attributes)),
        Data::Gauge(gauge) => gauge.data_points.iter_mut().for_each(|point| underscore(&mut point.attributes)),
        Data::Histogram(histogram) => {
            histogram.data_points.iter_mut().for_each(|point| underscore(&mut point.attributes));
        }
        other => panic!("no metric of ours is {other:?}"),
    }
    metric
}

#[test]
fn several_views_stand_one_after_the_other_and_each_name_once() {
    let (said, metrics) = exported(&[("TTA_METRICS_VIEW", "tta, otel"), ("TTA_OTLP_METRICS_VIEW", "otel,tta")]);
    let families: Vec<_> = said.stdout.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let place = |name: &str| families.iter().position(|family| family.starts_with(name));
    assert!(place("tta_llm_tokens_total ") < place("llm_tokens_total "), "{families:?}");
    assert!(place("tta_llm_tokens_total ").is_some());
    let arrived = ["tta_llm_tokens_total", "llm.tokens.total"].map(|name| metrics.contains_key(name));
    assert_eq!(arrived, [true, true]);
}

/// The metrics that TTA's older dashboards query: the type of each, and its labels besides `le`.
const CLASSIC: &[(&str, &str, &[&str])] = &[
    ("tta_workflow_executions_total", "counter", &["workflow_name", "status"]),
    ("tta_primitive_executions_total", "counter", &["primitive_type", "primitive_name", "status"]),
    ("tta_llm_cost_total", "counter", &["model", "provider"]),
    ("tta_execution_duration_seconds", "histogram", &["primitive_type"]),
    ("tta_cache_operations_total", "counter", &["operation", "primitive"]),
    ("tta_cache_hits_total", "counter", &["primitive_name", "cache_type"]),
    ("tta_cache_misses_total", "counter", &["primitive_name", "cache_type"]),
    ("primitive_execution_count", "counter", &["primitive_type", "primitive_name", "execution_status"]),
    ("primitive_execution_count_total", "counter", &["primitive_type", "primitive_name", "execution_status"]),
    ("primitive_execution_duration", "histogram", &["primitive_name", "primitive_type"]),
    ("primitive_execution_duration_milliseconds", "histogram", &["primitive_name", "primitive_type"]),
    ("primitive_connection_count", "counter", &["source_primitive", "target_primitive", "connection_type"]),
    ("primitive_connection_count_total", "counter", &["source_primitive", "target_primitive", "connection_type"]),
    ("llm_tokens_total", "counter", &["llm_provider", "llm_model_name", "llm_token_type"]),
    ("cache_hits", "counter", &["primitive_name", "cache_type"]),
    ("cache_total", "counter", &["primitive_name", "cache_type"]),
    ("agent_workflows_active", "gauge", &[]),
    ("slo_compliance", "gauge", &["primitive_name", "slo_name"]),
    ("primitive_duration_seconds", "histogram", &["primitive_name", "primitive_type"]),
    ("primitive_requests_total", "counter", &["primitive_name", "primitive_type", "status"]),
    ("primitive_active_requests", "gauge", &["primitive_name", "primitive_type"]),
    ("primitive_requests_per_second", "gauge", &["primitive_name", "primitive_type"]),
    ("primitive_slo_compliance", "gauge", &["primitive_name", "slo_name"]),
    ("primitive_error_budget_remaining", "gauge", &["primitive_name", "slo_name"]),
    ("primitive_cost_total", "counter", &["category"]),
    ("primitive_cost_savings", "counter", &["category"]),
    ("primitive_cost_savings_total", "counter", &["category"]),
    ("router_decisions_total", "counter", &["route", "reason"]),
    ("router_execution_seconds", "histogram", &["route"]),
    ("router_cost_savings_usd", "counter", &["route"]),
    ("router_errors_total", "counter", &["route"]),
    ("cache_hits_total", "counter", &["primitive_name", "cache_type"]),
    ("cache_misses_total", "counter", &["primitive_name", "cache_type"]),
    ("cache_hit_rate", "gauge", &["primitive_name", "cache_type"]),
    ("cache_latency_seconds", "histogram", &["hit"]),
    ("cache_cost_savings_usd", "counter", &[]),
    ("timeout_successes_total", "counter", &["operation"]),
    ("timeout_failures_total", "counter", &["operation"]),
    ("timeout_execution_seconds", "histogram", &["operation"]),
    ("timeout_rate", "gauge", &["operation"]),
];

#[test]
fn older_dashboards_find_every_name_with_its_labels() {
    let (said, _) = exported(&[("TTA_METRICS_VIEW", "classic")]);
    let types: BTreeMap<_, _> = said
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        // Metrics without an older name keep their own.
        .filter(|(name, _)| !name.starts_with("host_"))
        .filter(|(name, _)| !name.starts_with("tta_") || CLASSIC.iter().any(|(known, ..)| known == name))
        .collect();
    assert_eq!(types, CLASSIC.iter().map(|(name, kind, _)| (*name, *kind)).collect());
    for (name, kind, labels) in CLASSIC {
        let expected: BTreeSet<&str> = labels.iter().copied().collect();
        let sample = if *kind == "histogram" { format!("{name}_count") } else { (*name).to_owned() };
        let samples: Vec<_> =
            said.stdout.lines().filter(|line| line.split(['{', ' ']).next() == Some(&sample)).collect();
        assert!(!samples.is_empty(), "{sample}");
        for line in samples {
            let names =
                line.split_once('{').map_or("", |(_, rest)| rest).split("\",").filter_map(|pair| pair.split_once('='));
            let names: BTreeSet<&str> = names.map(|(label, _)| label).collect();
            assert!(names.is_subset(&expected) && !names.is_disjoint(&expected) || expected.is_empty(), "{line}");
        }
    }
}

/// Returns the metrics that a view declares and the program does not expose; panics on an exposed but undeclared metric.
#[track_caller]
fn not_served(view: View) -> String {
    let (said, _) = exported(&[("TTA_METRICS_VIEW", view.as_str())]);
    let mut served: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    let mut family = "";
    for line in said.stdout.lines().filter(|line| !line.starts_with("# HELP ")) {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            family = name;
            served.insert(name, (kind, BTreeSet::new()));
            continue;
        }
        let (_, labels) = served.get_mut(family).expect("samples stand under their type");
        let pairs = line.split_once('{').map_or("", |(_, rest)| rest).split("\",");
        labels.extend(pairs.filter_map(|pair| Some(pair.split_once("=\"")?.0)).filter(|label| *label != "le"));
    }
    served.retain(|name, _| !name.starts_with("host_"));
    let mut missing = String::new();
    for metric in view.exposed() {
        let Some((kind, labels)) = served.remove(metric.name.as_str()) else {
            writeln!(missing, "{}", metric.name).expect("a string grows");
            continue;
        };
        assert_eq!(kind, format!("{:?}", metric.kind).to_lowercase(), "{}", metric.name);
        let known: BTreeSet<_> = metric.labels.iter().map(String::as_str).collect();
        assert_eq!(known.len(), metric.labels.len(), "{}: {:?}", metric.name, metric.labels);
        let own: Vec<_> = labels.difference(&known).collect();
        assert!(own.is_empty() || metric.own_labels, "{}: {own:?}", metric.name);
        for label in known.difference(&labels) {
            writeln!(missing, "{} {label}", metric.name).expect("a string grows");
        }
    }
    assert!(served.is_empty(), "{served:?}");
    missing
}

#[test]
fn a_view_says_what_it_serves() {
    // The program has no retries, breakers or budgets, among others; a label without a value is left out.
    expect![[r#"
        mcp_client_operation_duration_seconds
        mcp_server_operation_duration_seconds
        mcp_client_session_duration_seconds
        mcp_server_session_duration_seconds
        tta_slo_score_threshold
        tta_llm_unpriced_total
        tta_llm_prices_age_seconds
        tta_llm_price_reads_total
        tta_evaluation_score
        tta_llm_cost_by_tenant_total
        tta_budget_remaining_usd
        tta_budget_unspent_usd
        tta_budget_remaining_tokens
        tta_budget_remaining_requests
        tta_budget_away
        tta_budget_exchanges_total
        tta_budget_soft_limit_reached_total
        tta_budget_estimated_usd_total
        tta_budget_refusals_total
        tta_budget_refusals_by_tenant_total
        tta_budget_accounts
        tta_retry_attempts_total
        tta_retry_backoff_seconds
        tta_fallback_total
        tta_circuit_breaker_state
        tta_circuit_breaker_transitions_total
        tta_circuit_breaker_calls_total
        tta_circuit_breaker_state_seconds_total
        tta_saga_compensations_total
        tta_telemetry_log_records_dropped_total
        tta_telemetry_label_values_capped_total
        tta_telemetry_top_error
        tta_telemetry_scrape_duration_seconds
    "#]]
    .assert_eq(&not_served(View::Tta));
    expect![[r#"
        agent_workflows_active agent_type
        gen_ai_invoke_agent_duration_seconds error_type
        gen_ai_invoke_workflow_duration_seconds error_type
        mcp_client_operation_duration_seconds
        mcp_server_operation_duration_seconds
        mcp_client_session_duration_seconds
        mcp_server_session_duration_seconds
        gen_ai_client_operation_time_to_first_chunk_seconds gen_ai_response_model
        gen_ai_client_inference_operation_input_tokens error_type
        gen_ai_client_inference_operation_output_tokens error_type
        tta_slo_score_threshold
        tta_llm_unpriced_total
        tta_llm_prices_age_seconds
        tta_llm_price_reads_total
        tta_evaluation_score
        tta_llm_cost_by_tenant_total
        tta_budget_remaining_usd
        tta_budget_unspent_usd
        tta_budget_remaining_tokens
        tta_budget_remaining_requests
        tta_budget_away
        tta_budget_exchanges_total
        tta_budget_soft_limit_reached_total
        tta_budget_estimated_usd_total
        tta_budget_refusals_total
        tta_budget_refusals_by_tenant_total
        tta_budget_accounts
        tta_retry_attempts_total
        tta_retry_backoff_seconds
        tta_fallback_total
        tta_circuit_breaker_state
        tta_circuit_breaker_transitions_total
        tta_circuit_breaker_calls_total
        tta_circuit_breaker_state_seconds_total
        tta_saga_compensations_total
        tta_telemetry_log_records_dropped_total
        tta_telemetry_label_values_capped_total
        tta_telemetry_top_error
        tta_telemetry_scrape_duration_seconds
    "#]]
    .assert_eq(&not_served(View::Otel));
    expect![[r#"
        gen_ai_client_token_usage error_type
    "#]]
    .assert_eq(&not_served(View::OtelTokenUsage));
}

#[test]
fn the_view_of_older_dashboards_says_what_it_serves() {
    expect![[r#"
        agent_workflows_active agent_type
        mcp_client_operation_duration_seconds
        mcp_server_operation_duration_seconds
        mcp_client_session_duration_seconds
        mcp_server_session_duration_seconds
        tta_slo_score_threshold
        tta_llm_unpriced_total
        tta_llm_prices_age_seconds
        tta_llm_price_reads_total
        tta_evaluation_score
        tta_llm_cost_by_tenant_total
        tta_budget_remaining_usd
        tta_budget_unspent_usd
        tta_budget_remaining_tokens
        tta_budget_remaining_requests
        tta_budget_away
        tta_budget_exchanges_total
        tta_budget_soft_limit_reached_total
        tta_budget_estimated_usd_total
        tta_budget_refusals_total
        tta_budget_refusals_by_tenant_total
        tta_budget_accounts
        tta_retry_attempts_total
        tta_retry_backoff_seconds
        tta_fallback_total
        tta_circuit_breaker_state
        tta_circuit_breaker_transitions_total
        tta_circuit_breaker_calls_total
        tta_circuit_breaker_state_seconds_total
        tta_saga_compensations_total
        tta_telemetry_log_records_dropped_total
        tta_telemetry_label_values_capped_total
        tta_telemetry_top_error
        tta_telemetry_scrape_duration_seconds
    "#]]
    .assert_eq(&not_served(View::Classic));
}

#[test]
fn older_dashboards_find_the_numbers_that_the_others_find() {
    let (said, _) = exported(&[("TTA_METRICS_VIEW", "classic")]);
    let is_exact = |line: &&str| {
        let times = ["_bucket{", "_seconds_sum", "_milliseconds_sum", "_duration_sum", "per_second"];
        // The number of exports depends on the moment.
        let is_of_exports = line.starts_with("tta_telemetry_export");
        !line.starts_with('#')
            && !line.ends_with(" 0")
            && !is_of_exports
            && !times.iter().any(|time| line.contains(time))
    };
    // Functions of other scenarios have objectives, too; their error budgets are full.
    let is_whole = |line: &str| line.starts_with("primitive_error_budget_remaining") && line.ends_with(" 1");
    let mut exact: Vec<_> = said.stdout.lines().filter(is_exact).filter(|line| !is_whole(line)).collect();
    exact.sort_unstable();
    expect_file!["classic.txt"].assert_eq(&(exact.join("\n") + "\n"));
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", labels(audience = "public"))]
fn ask(recording: &Recording, took: Duration) -> Usage {
    recording.advance(took);
    Usage::new(1_000, 200)
}

#[test]
fn times_are_exact_in_the_unit_of_each_instrument() {
    let recording = Recording::new();
    recording.run(|| {
        ask(&recording, Duration::from_millis(290));
        ask(&recording, Duration::from_millis(30_280));
    });
    let lines = recording.view(View::Otel);
    let times: String = lines
        .split_inclusive('\n')
        .filter(|line| line.contains("_seconds") || line.contains("_milliseconds"))
        .collect();
    expect![[r#"
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="100"} 0
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="250"} 0
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="500"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="1000"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="2500"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="5000"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="10000"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="20000"} 1
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="40000"} 2
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="80000"} 2
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="160000"} 2
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="320000"} 2
        primitive_execution_duration_milliseconds_bucket{primitive_type="llm",primitive_name="ask",audience="public",le="+Inf"} 2
        primitive_execution_duration_milliseconds_sum{primitive_type="llm",primitive_name="ask",audience="public"} 30570
        primitive_execution_duration_milliseconds_count{primitive_type="llm",primitive_name="ask",audience="public"} 2
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.01"} 0
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.02"} 0
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.04"} 0
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.08"} 0
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.16"} 0
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.32"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="0.64"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="1.28"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="2.56"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="5.12"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="10.24"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="20.48"} 1
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="40.96"} 2
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="81.92"} 2
        gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",le="+Inf"} 2
        gen_ai_client_operation_duration_seconds_sum{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini"} 30.57
        gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini"} 2
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="0.1"} 0
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="0.25"} 0
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="0.5"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="1"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="2.5"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="5"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="10"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="20"} 1
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="40"} 2
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="80"} 2
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="160"} 2
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="320"} 2
        tta_llm_request_duration_seconds_bucket{provider="openai",model="gpt-4o-mini",le="+Inf"} 2
        tta_llm_request_duration_seconds_sum{provider="openai",model="gpt-4o-mini"} 30.57
        tta_llm_request_duration_seconds_count{provider="openai",model="gpt-4o-mini"} 2
        tta_telemetry_capped_total{metric="tta_execution_duration_seconds"} 0
        tta_telemetry_capped_total{metric="tta_llm_request_duration_seconds"} 0
        tta_telemetry_capped_total{metric="tta_workflow_duration_seconds"} 0
        tta_telemetry_capped_total{metric="tta_slo_latency_threshold_seconds"} 0
        tta_telemetry_capped_total{metric="tta_llm_time_to_first_token_seconds"} 0
        tta_telemetry_capped_total{metric="tta_llm_time_per_output_token_seconds"} 0
        tta_telemetry_capped_total{metric="tta_llm_prices_age_seconds"} 0
        tta_telemetry_capped_total{metric="tta_router_duration_seconds"} 0
        tta_telemetry_capped_total{metric="tta_timeout_duration_seconds"} 0
        tta_telemetry_capped_total{metric="tta_retry_backoff_seconds"} 0
        tta_telemetry_capped_total{metric="tta_circuit_breaker_state_seconds_total"} 0
        tta_telemetry_capped_total{metric="tta_cache_latency_seconds"} 0
    "#]].assert_eq(&times);
}
