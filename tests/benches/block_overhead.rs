//! The cost that each block adds to work that does nothing, with metrics only, compared with `tower`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use tower::{Layer, Service, ServiceExt, service_fn};
use tta_runtime::block::{
    Block, CircuitBreaker, Conditional, Fallback, Parallel, Retry, Router, Saga, Sequential, Switch, Timeout,
};

const SECOND: Duration = Duration::from_secs(1);

#[inline(never)]
async fn work(n: u64) -> Result<u64, String> {
    Ok(black_box(n))
}

async fn undo(_: u64) -> Result<(), String> {
    Ok(())
}

/// Retries failed calls twice.
#[derive(Clone)]
struct Twice(u8);

impl tower::retry::Policy<u64, u64, String> for Twice {
    type Future = std::future::Ready<()>;

    fn retry(&mut self, _: &mut u64, result: &mut Result<u64, String>) -> Option<Self::Future> {
        (result.is_err() && self.0 > 0).then(|| {
            self.0 -= 1;
            std::future::ready(())
        })
    }

    fn clone_request(&mut self, request: &u64) -> Option<u64> {
        Some(*request)
    }
}

/// Returns the nanoseconds of one call: the median of many short rounds, which is robust on a busy machine.
fn nanoseconds_per_call(runtime: &Runtime, mut call: impl AsyncFnMut(u64)) -> f64 {
    const ROUNDS: usize = 400;
    const CALLS: u64 = 1_000;
    runtime.block_on(async {
        for n in 0..CALLS {
            call(n).await;
        }
        let mut rounds = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for n in 0..CALLS {
                call(n).await;
            }
            rounds.push(start.elapsed().as_secs_f64() * 1e9 / CALLS as f64);
        }
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

fn of_block<B: Block<u64>>(runtime: &Runtime, block: &B) -> f64 {
    nanoseconds_per_call(runtime, async |n| drop(black_box(block.run(n).await)))
}

fn of_service<S: Service<u64>>(runtime: &Runtime, mut service: S) -> f64 {
    nanoseconds_per_call(runtime, async |n| {
        let ready = service.ready().await;
        if let Ok(ready) = ready {
            drop(black_box(ready.call(n).await));
        }
    })
}

fn ratios() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Without a span exporter: metrics only. Starting also calibrates the clock on a thread, for up to 0.2 s.
    let any_port = ([127, 0, 0, 1], 0).into();
    let telemetry = tta_runtime::builder().metrics_addr(any_port).init().expect("a port is free");
    std::thread::sleep(Duration::from_millis(500));
    let bare = nanoseconds_per_call(&runtime, async |n| drop(black_box(work(n).await)));
    let service = of_service(&runtime, service_fn(work));
    let added = |nanoseconds: f64| nanoseconds - bare;
    println!("added cost of one block, metrics only (bare: {bare:.1} ns)");

    let beside = |name: &str, ours: f64, theirs_name: &str, theirs: f64| {
        let (ours, theirs) = (added(ours), theirs - service);
        println!("  {name:28} {ours:7.1} ns   {theirs_name} {theirs:7.1} ns   ratio {:.2}", ours / theirs);
    };
    beside(
        "timeout",
        of_block(&runtime, &work.with(Timeout::after(SECOND))),
        "tower's",
        of_service(&runtime, tower::timeout::Timeout::new(service_fn(work), SECOND)),
    );
    beside(
        "retry",
        of_block(&runtime, &work.with(Retry::when(|_| true))),
        "tower's",
        of_service(&runtime, tower::retry::Retry::new(Twice(2), service_fn(work))),
    );
    let theirs = |layer: tower_resilience_circuitbreaker::CircuitBreakerLayer| {
        of_service(&runtime, layer.layer(service_fn(work)))
    };
    let builder = tower_resilience_circuitbreaker::CircuitBreakerLayer::builder;
    beside(
        "circuit breaker (failures)",
        of_block(&runtime, &work.with(CircuitBreaker::after_failures(5))),
        "tower-resilience's",
        theirs(builder().consecutive_failures(5).build().expect("a policy")),
    );
    beside(
        "circuit breaker (rate)",
        of_block(&runtime, &work.with(CircuitBreaker::at_failure_rate(0.5, 60 * SECOND, 20))),
        "tower-resilience's",
        theirs(builder().failure_rate_threshold(0.5).sliding_window_size(100).build().expect("a policy")),
    );
    let alone = |name: &str, ours: f64| println!("  {name:28} {:7.1} ns", added(ours));
    alone("fallback", of_block(&runtime, &work.with(Fallback::to(work))));
    alone("sequence of two", of_block(&runtime, &(Sequential::new("two") >> work >> work)));
    alone("two branches", of_block(&runtime, &(Parallel::new("branches") | work | work)));
    alone("router", of_block(&runtime, &Router::new("route", |_: &u64| "only").route("only", work)));
    alone("conditional", of_block(&runtime, &Conditional::new("if", |_: &u64| true).then(work)));
    alone("switch", of_block(&runtime, &Switch::new("switch", |_: &u64| "only").case("only", work)));
    alone("saga of one", of_block(&runtime, &Saga::new("saga").step(work, undo)));
    drop(telemetry);
}

fn blocks(criterion: &mut Criterion) {
    // `cargo test` runs benchmarks once to check that they work, and measures nothing.
    if std::env::args().any(|argument| argument == "--bench") {
        ratios();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = criterion.benchmark_group("block");
    let guarded = work.with(CircuitBreaker::after_failures(5));
    group.bench_function("bare", |bencher| bencher.iter(|| runtime.block_on(work(1))));
    group.bench_function("circuit breaker", |bencher| bencher.iter(|| runtime.block_on(guarded.run(1))));
    group.finish();
}

criterion_group!(benches, blocks);
criterion_main!(benches);
