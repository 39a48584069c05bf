//! A program whose telemetry is shut down while its shared budget holds a lease.

use std::time::{Duration, Instant};

use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, Estimate, NanoUsd, Sharing};

/// Prints the report of the shutdown and the milliseconds that it took. The arguments are the server and the deadline in milliseconds.
pub(super) fn run() {
    let mut arguments = std::env::args().skip(2);
    let redis = Redis::server(&arguments.next().expect("a server is given")).expect("it is an address");
    let deadline = arguments.next().and_then(|number| number.parse().ok()).expect("a deadline is given");
    let telemetry = super::start();
    // What is not used is given back after a third of the lease: long after the shutdown.
    let sharing = Sharing::over(redis.timeout(Duration::from_millis(500))).lease(Duration::from_secs(3_600));
    let budget = Budget::usd(1.0).named("at the end").shared(sharing);
    budget.reserve(&Estimate::usd(0.4)).expect("there is enough").settle(NanoUsd(100_000_000));
    super::say_and_wait("settled");
    let start = Instant::now();
    println!("{:?}", telemetry.shutdown(Duration::from_millis(deadline)));
    println!("{}", start.elapsed().as_millis());
}
