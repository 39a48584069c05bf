//! The cost of a cache hit in memory, compared with the underlying map.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use futures_executor::block_on;
use tta_runtime::block::{Block, Cache};
use tta_runtime::primitive;

/// An answer of a model; the cached value is shared, as answers mostly are.
type Answer = Arc<str>;

const KEPT: u64 = 1_000;
const TIME_TO_LIVE: Duration = Duration::from_secs(3_600);

async fn answer(number: u64) -> Result<Answer, String> {
    Ok(number.to_string().into())
}

fn bare() -> moka::sync::Cache<u64, Answer> {
    moka::sync::Cache::builder().max_capacity(2 * KEPT).time_to_live(TIME_TO_LIVE).build()
}

fn cached() -> impl Block<u64, Output = Answer, Error = String> {
    answer.with(Cache::memory(2 * KEPT).ttl(TIME_TO_LIVE))
}

fn named() -> impl Block<u64, Output = Answer, Error = String> {
    answer.with(Cache::memory(2 * KEPT).ttl(TIME_TO_LIVE).named("kept"))
}

/// Returns the nanoseconds of one call: the median of many short rounds, which is robust on a busy machine.
async fn nanoseconds_per_call(call: impl AsyncFn(u64)) -> f64 {
    const ROUNDS: usize = 1_000;
    for number in 0..KEPT {
        call(number).await;
    }
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for number in 0..KEPT {
            call(number).await;
        }
        rounds.push(start.elapsed().as_secs_f64() * 1e9 / KEPT as f64);
    }
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// A workflow around the lookups, so that each is an edge of the service map.
#[primitive(type = "workflow", action = "execute")]
async fn inside(call: impl AsyncFn(u64)) -> f64 {
    nanoseconds_per_call(call).await
}

fn ratios() {
    // Without a span exporter: metrics only. Starting also calibrates the clock on a thread, for up to 0.2 s.
    let any_port = ([127, 0, 0, 1], 0).into();
    let telemetry = tta_runtime::builder().metrics_addr(any_port).init().expect("a port is free");
    std::thread::sleep(Duration::from_millis(500));
    let map = bare();
    let base = block_on(nanoseconds_per_call(async |number| match map.get(&number) {
        Some(answer) => drop(black_box(answer)),
        None => map.insert(number, number.to_string().into()),
    }));
    let (ours, named) = (cached(), named());
    let hit = block_on(nanoseconds_per_call(async |number| drop(black_box(ours.run(number).await))));
    let hit_of_named = block_on(inside(async |number| drop(black_box(named.run(number).await))));
    println!("a hit in memory (moka's `get` alone: {base:.1} ns)");
    println!("  cache                        {hit:7.1} ns   ratio {:.2}      (aim: at most 1.3)", hit / base);
    println!("  cache with a name, in a call {hit_of_named:7.1} ns   ratio {:.2}", hit_of_named / base);
    drop(telemetry);
}

fn hits(criterion: &mut Criterion) {
    // `cargo test` runs benchmarks once to check that they work, and measures nothing.
    if std::env::args().any(|argument| argument == "--bench") {
        ratios();
    }
    let mut group = criterion.benchmark_group("hit");
    let (map, ours) = (bare(), cached());
    map.insert(1, "1".into());
    group.bench_function("moka", |bencher| bencher.iter(|| map.get(black_box(&1))));
    group.bench_function("cache", |bencher| bencher.iter(|| block_on(ours.run(black_box(1)))));
    group.finish();
}

criterion_group!(benches, hits);
criterion_main!(benches);
