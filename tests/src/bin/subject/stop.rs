//! Ways to stop, against the collector of the environment.

use std::time::{Duration, Instant};

use tta_runtime::{Telemetry, primitive};

const SPANS: u64 = 1_000;

/// Stops in the way that the second argument names, within the milliseconds of the third.
pub(super) fn run() {
    let mut arguments = std::env::args().skip(2);
    let way = arguments.next().expect("a way is given");
    let deadline =
        Duration::from_millis(arguments.next().and_then(|number| number.parse().ok()).expect("a deadline is given"));
    let telemetry = super::start();
    for _ in 0..SPANS {
        work();
    }
    let start = Instant::now();
    match way.as_str() {
        "outside" => stop(&telemetry, deadline),
        "inside" => super::block_on(async { stop(&telemetry, deadline) }),
        "inside_many" => {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
            runtime.block_on(runtime.spawn(async move { stop(&telemetry, deadline) })).expect("it stops");
        }
        "twice" => {
            stop(&telemetry, deadline);
            stop(&telemetry, deadline);
        }
        "drop" => drop(telemetry),
        other => panic!("no way `{other}`"),
    }
    println!("took_ms {}", start.elapsed().as_millis());
}

fn stop(telemetry: &Telemetry, deadline: Duration) {
    println!("{:?}", telemetry.shutdown(deadline));
}

#[primitive(type = "tool", name = "stop_work")]
fn work() {}
