//! `top` without a number, with too large a one, twice on one function, and on a model.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(tenant = top(tenant), region = top(25, region)))]
fn called(tenant: &str, region: &str) {
    let _ = (tenant, region);
}

#[primitive(type = "tool", labels(tenant = top(20, tenant), region = top(5, region)))]
fn twice(tenant: &str, region: &str) {
    let _ = (tenant, region);
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = top(20, model), usage = none)]
fn asked(model: &str) {
    let _ = model;
}

fn main() {
    called("a", "b");
    twice("a", "b");
    asked("a");
}
