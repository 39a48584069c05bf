//! A program with the faults that its arguments name, and which serves its metrics until the test ends.

use tta_runtime::llm::{self, Evaluation, Usage};
use tta_runtime::primitive;

/// More than a capped label may have.
const VALUES: usize = 53;

pub(super) fn run() {
    let mut builder = tta_runtime::builder().service_name("subject");
    let faults: Vec<_> = std::env::args().skip(2).collect();
    if faults.iter().any(|fault| fault == "token") {
        builder = builder.bearer_token("s3cret");
    }
    if faults.iter().any(|fault| fault == "label_sets") {
        builder = builder.label_sets(10);
    }
    let telemetry = builder.init().expect("the telemetry starts");
    for fault in &faults {
        match fault.as_str() {
            "second_start" => drop(tta_runtime::init().expect("a second start is no error")),
            "unpriced" => (0..2).for_each(|_| drop(answer())),
            "label" => (0..VALUES).for_each(|number| visit(&format!("tenant-{number}"))),
            "label_sets" => (0..VALUES).for_each(|number| walk(&format!("tenant-{number}"))),
            "token" => {}
            "spans" => (0..3).for_each(|_| work()),
            "judged" => judged(),
            other => panic!("no fault `{other}`"),
        }
    }
    // What fails has failed once after it, and nothing is recorded later.
    let _ = telemetry.flush(super::PATIENCE);
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "llm", action = "chat", provider = "house", model = "nobody-sells-it")]
fn answer() -> Usage {
    Usage::new(10, 2)
}

#[primitive(type = "tool", labels(tenant = capped(tenant)))]
fn visit(tenant: &str) {}

#[primitive(type = "tool", labels(tenant = capped(tenant)))]
fn walk(tenant: &str) {}

#[primitive(type = "tool")]
fn work() {}

#[primitive(type = "tool")]
fn judged() {
    llm::evaluation(Evaluation::of("brevity").with_score(1.0));
}
