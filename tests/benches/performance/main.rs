//! The speed and the memory of the library beside its peers: each case prints its figures, their ratio and the aim.
//!
//! `TTA_BENCH_CASE="annotated:4000" valgrind --tool=callgrind` on its executable counts the instructions of as many calls of a case, which
//! repeat where times do not; `calls.rs` lists the cases.
//!
//! `scripts/bench` runs it, and writes the rows to `docs/performance.md`. Ratios of medians hold across machines; nanoseconds do not.

#![expect(unsafe_code, reason = "an allocator cannot be wrapped otherwise")]

mod allocations;
mod calls;
mod cpu_time;
mod memory;
mod processes;
mod receiver;
mod report;
mod rounds;
mod span_subjects;
mod spans;
mod usage;

use std::time::Duration;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

fn main() {
    // A process starts the telemetry once, so that some cases run in one of their own.
    if processes::run_case() {
        return;
    }
    // `cargo test` runs benchmarks to check that they work, and measures nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    autometrics::prometheus_exporter::init();
    // The limit is that of a large program: a table must not be sized for it.
    let telemetry = tta_runtime::builder().without_metrics_server().label_sets(200_000).init().expect("it starts");
    // The clock is calibrated meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    memory::report();
    calls::report();
    usage::report();
    processes::report();
    spans::report();
    drop(telemetry);
}
