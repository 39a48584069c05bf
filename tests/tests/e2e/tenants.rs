//! Tenants: the largest have a series each, and the others one together.

use std::collections::BTreeSet;

use expect_test::expect;
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::llm::{self, Usage};
use tta_runtime::testing::Recording;
use tta_runtime::{Outcome, WorkflowContext, primitive};

use crate::child::{Running, run, subject};
use crate::metrics::scrape;
use crate::prometheus::Prometheus;

#[primitive(type = "tool", labels(tenant = top(2, tenant), cached = cached))]
fn serve(tenant: &str, cached: bool) -> Result<(), String> {
    Ok(())
}

/// Costs $0.0045.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn think() -> Usage {
    Usage::new(1_000, 200)
}

#[test]
fn the_first_have_a_series_each_and_all_others_share_one() {
    let recording = Recording::new();
    recording.run(|| {
        for (tenant, calls) in [("blue", 3), ("red", 2), ("green", 4), ("blue", 1), ("other corp", 1)] {
            for call in 0..calls {
                serve(tenant, call > 0).expect("it serves");
            }
        }
    });
    let text = recording.metrics("tta_primitive_executions_total");
    let successes: Vec<_> = text.lines().filter(|line| line.contains(Outcome::Success.as_str())).collect();
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="blue",cached="false"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="blue",cached="true"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="other",cached="false"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="other",cached="true"} 3
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="red",cached="false"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="serve",action="call",status="success",tenant="red",cached="true"} 1"#]].assert_eq(&successes.join("\n"));
    expect![[r#"
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="blue",cached="false"} 2
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="blue",cached="true"} 2
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="other",cached="false"} 2
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="other",cached="true"} 3
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="red",cached="false"} 1
        tta_execution_duration_seconds_count{primitive_type="tool",primitive_name="serve",tenant="red",cached="true"} 1
    "#]].assert_eq(&recording.metrics("tta_execution_duration_seconds_count"));
    let spans = recording.spans();
    let tenant = |span: &SpanData| {
        span.attributes.iter().find(|own| own.key.as_str() == "tenant").map(|own| own.value.to_string())
    };
    expect!["blue blue blue red red other other other other blue other"]
        .assert_eq(&spans.iter().filter_map(tenant).collect::<Vec<_>>().join(" "));
}

#[tokio::test]
async fn the_cost_of_a_tenant_is_that_of_the_calls_in_its_context() {
    llm::price("openai", "gpt-4o", &Usage::new(1, 1)).expect("it has a price");
    let recording = Recording::new();
    recording
        .scope(async {
            think().await;
            for (tenant, calls) in [("cost blue", 2), ("cost red", 1)] {
                let context = WorkflowContext::current().with_tenant(tenant);
                assert_eq!(context.tenant(), Some(tenant));
                for _ in 0..calls {
                    context.scope(think()).await;
                }
            }
        })
        .await;
    expect![[r#"
        tta_llm_cost_by_tenant_total{tenant="cost blue"} 0.009
        tta_llm_cost_by_tenant_total{tenant="cost red"} 0.0045
    "#]]
    .assert_eq(&recording.metrics("tta_llm_cost_by_tenant_total"));
}

#[test]
fn the_error_of_labels_with_one_name_is_one_series_which_a_real_prometheus_reads() {
    let mut program = Running::start(&mut subject("top_errors"));
    let address = program.line().parse().expect("it is an address");
    let (_, text) = scrape(address, "text/plain");
    let errors: Vec<_> = text.lines().filter(|line| line.starts_with("tta_telemetry_top_error{")).collect();
    // The larger ones of 1 and 3, and of 2 and 1.
    expect![[r#"
        tta_telemetry_top_error{label="customer"} 2
        tta_telemetry_top_error{label="tenant"} 3"#]]
    .assert_eq(&errors.join("\n"));
    let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.rsplit_once(' ')?.0));
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = samples.filter(|series| !seen.insert(*series)).collect();
    assert!(twice.is_empty() && seen.len() > 100, "{twice:?} of {}", seen.len());
    let server = Prometheus::scraping(address);
    for (label, error) in [("customer", "2"), ("tenant", "3")] {
        server.wait_for(&format!("tta_telemetry_top_error{{label=\"{label}\"}}"), error);
    }
    server.wait_for("up", "1");
    drop(server);
    program.finish();
}

#[test]
fn the_tenants_with_the_highest_cost_have_a_series_each_however_few_calls_they_make() {
    let finished = run(&mut subject("dear_tenants"));
    expect![[r#"
        tta_llm_cost_by_tenant_total{tenant="other"} 0.46
        tta_llm_cost_by_tenant_total{tenant="other/5"} 1.46
        tta_llm_cost_by_tenant_total{tenant="tenant-05"} 0.57
        tta_llm_cost_by_tenant_total{tenant="tenant-06"} 0.658
        tta_llm_cost_by_tenant_total{tenant="tenant-07"} 0.744
        tta_llm_cost_by_tenant_total{tenant="tenant-08"} 0.828
        tta_llm_cost_by_tenant_total{tenant="tenant-09"} 0.91
        tta_llm_cost_by_tenant_total{tenant="tenant-10"} 0.99
        tta_llm_cost_by_tenant_total{tenant="tenant-11"} 1.068
        tta_llm_cost_by_tenant_total{tenant="tenant-12"} 1.144
        tta_llm_cost_by_tenant_total{tenant="tenant-13"} 1.218
        tta_llm_cost_by_tenant_total{tenant="tenant-14"} 1.29
        tta_llm_cost_by_tenant_total{tenant="tenant-15"} 1.36
        tta_llm_cost_by_tenant_total{tenant="tenant-16"} 1.428
        tta_llm_cost_by_tenant_total{tenant="tenant-17"} 1.494
        tta_llm_cost_by_tenant_total{tenant="tenant-18"} 1.558
        tta_llm_cost_by_tenant_total{tenant="tenant-19"} 1.62
        tta_llm_cost_by_tenant_total{tenant="tenant-20"} 1.596
        tta_llm_cost_by_tenant_total{tenant="tenant-21"} 1.65
        tta_llm_cost_by_tenant_total{tenant="tenant-22"} 1.702
        tta_llm_cost_by_tenant_total{tenant="tenant-23"} 1.752
        tta_llm_cost_by_tenant_total{tenant="tenant-24"} 1.8
    "#]]
    .assert_eq(&finished.stdout);
}
