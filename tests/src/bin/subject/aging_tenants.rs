//! A day of a service whose largest tenants change, scrape by scrape.

use std::future::{Future, pending};
use std::task::{Context, Waker};
use std::time::Duration;

use tta_runtime::primitive;
use tta_runtime::testing::Recording;

/// The time between two scrapes.
const INTERVAL: Duration = Duration::from_secs(15);

const SCRAPES: u64 = 24 * 60 * 4;

/// The calls between two scrapes.
const CALLS: u64 = 30;

/// The scrapes for which the same tenants are the largest: two and a half hours.
const REIGN: u64 = 600;

#[primitive(type = "tool", labels(tenant = top(2, tenant)))]
fn serve(tenant: &str) {}

#[primitive(type = "tool", labels(tenant = top(2, tenant)))]
async fn watch(tenant: &str) {
    pending::<()>().await;
}

/// Prints the executions and the calls in progress at each scrape in the text format, with the time in seconds after each.
pub(super) fn run() {
    let recording = Recording::new().with_ranked_tenants();
    let mut watching = Vec::new();
    for scrape in 0..SCRAPES {
        let reign = scrape / REIGN;
        recording.run(|| {
            for call in 0..CALLS {
                // Two large tenants at a time make two thirds of the calls; twenty small ones the others.
                let tenant = match call % 3 {
                    0 => format!("large-{}", 2 * reign),
                    1 => format!("large-{}", 2 * reign + 1),
                    _ => format!("small-{}", (scrape + call) % 20),
                };
                serve(&tenant);
            }
            // A call that outlives the series of its tenant.
            if scrape % REIGN == REIGN / 2 {
                watching.push(Box::pin(watch_of(reign)));
            }
            let mut context = Context::from_waker(Waker::noop());
            for call in &mut watching {
                assert!(call.as_mut().poll(&mut context).is_pending());
            }
        });
        if scrape % REIGN == REIGN - 1 && watching.len() > 1 {
            drop(watching.remove(0));
        }
        for metric in ["tta_primitive_executions_total", "tta_primitive_active"] {
            for line in recording.metrics(metric).lines() {
                println!("{line} {}", scrape * INTERVAL.as_secs());
            }
        }
        recording.advance(INTERVAL);
    }
}

async fn watch_of(reign: u64) {
    watch(&format!("large-{}", 2 * reign)).await;
}
