//! Traces that are sampled or not: one that begins here, one with a sampled parent, one with an unsampled parent.

use tta_runtime::{WorkflowContext, primitive, propagation};

pub(super) fn run() {
    let telemetry = super::start();
    for (name, traceparent) in [
        ("no parent", ""),
        ("sampled parent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("unsampled parent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
    ] {
        let mut headers = http::HeaderMap::new();
        headers.insert("traceparent", traceparent.parse().expect("it is valid"));
        let context: WorkflowContext = propagation::extract(&headers);
        let onward = context.run(|| outer(name));
        println!("{name}: {}", &onward[onward.len() - 2..]);
    }
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow", attributes("case" = case))]
fn outer(case: &str) -> String {
    inner()
}

/// Returns the headers that another process would receive.
#[primitive(type = "tool")]
fn inner() -> String {
    let mut onward = http::HeaderMap::new();
    propagation::inject(&mut onward);
    onward["traceparent"].to_str().expect("it is text").to_owned()
}
