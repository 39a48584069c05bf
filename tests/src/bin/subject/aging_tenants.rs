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

/// The time that calls of the two large tenants and of the small ones take: each in a bucket of its own.
const TIMES: [Duration; 3] = [Duration::from_millis(5), Duration::from_millis(50), Duration::from_millis(300)];

const PRINTED: [&str; 3] = ["tta_primitive_executions_total", "tta_primitive_active", "tta_execution_duration_seconds"];

#[primitive(type = "tool", buckets(0.01, 0.1), labels(tenant = top(2, tenant)))]
fn serve(tenant: &str, work: impl FnOnce()) {
    work();
}

/// The tenants of this label change once, in the first hours.
#[primitive(type = "tool", buckets(0.01, 0.1), labels(customer = top(1, customer)))]
fn greet(customer: &str) {}

#[primitive(type = "tool", buckets(0.01, 0.1), labels(tenant = top(2, tenant)))]
async fn watch(tenant: &str) {
    pending::<()>().await;
}

/// Prints the executions, the calls in progress and the durations at each scrape in the text format, with the time in seconds after each.
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
                let time = TIMES[(call % 3) as usize];
                serve(&tenant, || recording.advance(time));
            }
            greet(if scrape == 0 { "first" } else { "second" });
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
        let text = recording.metrics("tta_");
        let is_printed = |line: &&str| PRINTED.iter().any(|metric| line.starts_with(metric));
        for line in text.lines().filter(is_printed) {
            println!("{line} {}", scrape * INTERVAL.as_secs());
        }
        let working: Duration = (0..CALLS).map(|call| TIMES[(call % 3) as usize]).sum();
        recording.advance(INTERVAL.saturating_sub(working));
    }
}

async fn watch_of(reign: u64) {
    watch(&format!("large-{}", 2 * reign)).await;
}
