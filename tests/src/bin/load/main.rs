//! A program under load that keeps books of what it does, for the scripts `chaos` and `soak`.
//!
//! The argument is the number of requests per second. The program prints the address of its metrics, works until its input
//! ends, and prints a report as JSON.

mod books;
mod laws;
mod metrics;
mod shop;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use hdrhistogram::Histogram;
use tests::ledger::program::{World, call};
use tests::ledger::random;
use tests::ledger::truth::Truth;
use tests::watch::report::{Latency, Report};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tta_runtime::block::Redis;

use laws::laws;
use metrics::Metrics;
use shop::Shop;

/// Requests of this time are served and not measured: connections are made, and prices are read.
const WARM_UP: Duration = Duration::from_secs(2);
/// The time between two batches of requests.
const TICK: Duration = Duration::from_millis(10);
/// Long enough for a collector that has come back to take all that waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all requests share.
#[derive(Clone)]
struct Program {
    shop: Shop,
    truth: Truth,
    /// Nanoseconds that requests took.
    took: Arc<Mutex<Histogram<u32>>>,
    started: Instant,
}

fn main() -> ExitCode {
    let rate: u64 = match std::env::args().nth(1).map(|rate| rate.parse()) {
        Some(Ok(rate)) if rate > 0 => rate,
        _ => {
            eprintln!("write the number of requests per second, such as `load 100`");
            return ExitCode::FAILURE;
        }
    };
    let prices = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/load/prices.json");
    let telemetry = tta_runtime::builder().service_name("load").prices_file(prices).init();
    let telemetry = telemetry.expect("the telemetry starts");
    let redis = std::env::var("LOAD_REDIS").ok().map(|url| Redis::server(&url).expect("it is an address"));
    let took = Histogram::new_with_max(Duration::from_secs(60).as_nanos() as u64, 3).expect("the bounds are valid");
    let program = Program {
        shop: Shop::open(redis),
        truth: Truth::default(),
        took: Arc::new(Mutex::new(took)),
        started: Instant::now(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("it has threads");
    println!("{}", telemetry.metrics_addr().expect("metrics are served"));
    let requests = work(&program, &runtime, rate, &end_of_input());
    let _ = telemetry.shutdown(PATIENCE);
    println!("{}", serde_json::to_string(&report(&program, requests)).expect("it is plain data"));
    ExitCode::SUCCESS
}

/// Returns a channel that closes when the input ends.
fn end_of_input() -> Receiver<Infallible> {
    let (send, end) = channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        drop(send);
    });
    end
}

/// Serves requests until the input ends, waits for their ends, and returns their number.
fn work(program: &Program, runtime: &Runtime, rate: u64, end: &Receiver<Infallible>) -> u64 {
    let mut running = JoinSet::new();
    let (started, mut requests) = (Instant::now(), 0);
    while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        let due = (started.elapsed().as_secs_f64() * rate as f64) as u64;
        while requests < due {
            requests += 1;
            running.spawn_on(request(program.clone(), requests), runtime.handle());
        }
        while running.try_join_next().is_some() {}
    }
    runtime.block_on(async { while running.join_next().await.is_some() {} });
    requests
}

/// Serves one request, and runs one random program of the ledger.
async fn request(program: Program, number: u64) {
    let start = Instant::now();
    shop::serve(&program.shop, number).await;
    let took = start.elapsed();
    if program.started.elapsed() > WARM_UP {
        let mut all = program.took.lock().unwrap_or_else(PoisonError::into_inner);
        all.saturating_record(took.as_nanos() as u64);
    }
    program.shop.persist(number).await;
    run_at_random(&program.truth, number).await;
}

async fn run_at_random(truth: &Truth, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let world = World { truth: truth.clone(), ..World::default() };
    let (callee, body) = (random::callee(&mut random), random::body(&mut random, 0));
    let patience = Duration::from_millis(random.u64(0..8));
    let called = AssertUnwindSafe(call(callee, world.clone(), body)).catch_unwind();
    // The truth knows how it ended.
    let _ = tokio::time::timeout(patience, called).await;
    let take = || std::mem::take(&mut *world.tasks.lock().unwrap_or_else(PoisonError::into_inner));
    let mut tasks = take();
    while let Some(task) = tasks.pop() {
        task.abort();
        let _ = task.await;
        tasks.extend(take());
    }
}

fn report(program: &Program, requests: u64) -> Report {
    let took = program.took.lock().unwrap_or_else(PoisonError::into_inner);
    let at = |quantile| took.value_at_quantile(quantile);
    let metrics = Metrics::read();
    Report {
        requests,
        latency: Latency { p50: at(0.5), p99: at(0.99), p999: at(0.999) },
        laws: laws(&program.truth),
        exported_spans: metrics.sum("tta_telemetry_spans_exported_total", &[]),
        dropped_spans: metrics.sum("tta_telemetry_spans_dropped_total", &[]),
    }
}
