//! Starts whose place is taken.

use prometheus::{IntCounter, Registry};
use tta_runtime::primitive;

pub(super) fn start_twice() {
    super::warnings::print();
    let first = super::start();
    let second = super::start();
    println!("first serves: {}, second serves: {}", first.metrics_addr().is_some(), second.metrics_addr().is_some());
    let stopped = second.shutdown(super::PATIENCE);
    println!("second abandoned {}", stopped.abandoned_spans);
    counted();
    tell();
    let _ = first.shutdown(super::PATIENCE);
}

/// Registers the metrics in a registry of the program in which one of the names is taken.
pub(super) fn take_a_name() {
    super::warnings::print();
    let registry = Registry::new();
    let own = IntCounter::new("tta_connections_total", "The program's own.").expect("it is valid");
    registry.register(Box::new(own.clone())).expect("the name is free");
    own.inc_by(3);
    let telemetry = tta_runtime::builder().registry(registry.clone()).init().expect("the telemetry starts");
    counted();
    tell();
    let has = |name: &str| registry.gather().iter().any(|family| family.name() == name);
    println!("executions registered: {}", has("tta_primitive_executions_total"));
    let gathered = registry.gather();
    let connections = gathered.iter().find(|family| family.name() == "tta_connections_total").expect("it is there");
    println!("the program's own counter: {}", connections.get_metric()[0].get_counter().get_value());
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "tool")]
fn counted() {}

fn tell() {
    for line in tta_runtime::metrics_text().lines() {
        if line.starts_with("tta_telemetry_detached_total") || line.starts_with("tta_primitive_executions_total{primitive_type=\"tool\",primitive_name=\"counted\",action=\"call\",status=\"success\"") {
            println!("{line}");
        }
    }
}
