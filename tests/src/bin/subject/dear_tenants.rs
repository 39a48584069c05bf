//! Tenants of which the dearest make the fewest calls.

use std::time::Duration;

use tta_runtime::llm::{NanoUsd, Usage};
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive};

/// The tenants that have a series each, of the 25 that call.
const TOP: u64 = 20;

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
fn think(cost: NanoUsd) -> Usage {
    Usage::new(1_000, 200).with_cost(cost)
}

/// Prints the costs by tenant, once the tenants that left the top have no series any more.
///
/// The tenant `n` makes 100 − `n` calls, which cost `n` + 1 thousandths of a dollar each: a later one costs more in all, and calls less.
pub(super) fn run() {
    let recording = Recording::new().with_ranked_tenants();
    let costs = || recording.metrics("tta_llm_cost_by_tenant_total");
    let call = |tenants: std::ops::Range<u64>| {
        for tenant in tenants {
            let context = WorkflowContext::new().with_tenant(format!("tenant-{tenant:02}"));
            let cost = NanoUsd((tenant + 1) * 1_000_000);
            (0..100 - tenant).for_each(|_| recording.run(|| context.run(|| _ = think(cost))));
        }
    };
    call(0..TOP);
    costs();
    call(TOP..25);
    costs();
    recording.advance(Duration::from_secs(3_600));
    print!("{}", costs());
}
