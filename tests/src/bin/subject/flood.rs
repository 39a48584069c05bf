//! Many spans, for a collector of any behaviour.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tta_runtime::primitive;

/// Makes as many spans as the second argument says, and prints the time taken, the result of the shutdown within the milliseconds of the
/// third, and the metrics.
pub(super) fn run() {
    let telemetry = super::start();
    let spans: u64 = std::env::args().nth(2).and_then(|number| number.parse().ok()).expect("a number is given");
    let start = Instant::now();
    for number in 0..spans {
        work(number);
    }
    println!("calls_ms {}", start.elapsed().as_millis());
    let deadline = std::env::args().nth(3).and_then(|number| number.parse().ok()).map(Duration::from_millis);
    tell(telemetry.shutdown(deadline.unwrap_or(super::PATIENCE)).abandoned_spans);
}

/// Makes spans on two threads, without a pause, before, during and after a flush and a shutdown.
pub(super) fn run_into_shutdown() {
    let telemetry = super::start();
    let (stopped, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let abandoned = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    work(calls.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
        // More than the queue holds, so that the exporter never finds it empty.
        while calls.load(Ordering::Relaxed) < 20_000 {
            std::thread::yield_now();
        }
        println!("flushed {}", telemetry.flush(super::PATIENCE));
        let shutdown = telemetry.shutdown(Duration::from_secs(10));
        work(0);
        stopped.store(true, Ordering::Relaxed);
        shutdown.abandoned_spans
    });
    tell(abandoned);
}

fn tell(abandoned: u64) {
    println!("abandoned {abandoned}");
    let text = tta_runtime::metrics_text();
    text.lines()
        .filter(|line| line.starts_with("tta_telemetry_") || line.starts_with("tta_primitive_executions_total"))
        .for_each(|line| println!("{line}"));
}

#[primitive(type = "tool", name = "flood", attributes("number" = number))]
fn work(number: u64) {}
