//! The cost of a call with metrics only, compared with a bare function and `autometrics`.
//!
//! Every added cost is the difference to the bare function of the same shape in the same run. The ratios at the end
//! hold across machines.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use futures_executor::block_on;
use tta_runtime::llm::{self, Usage};
use tta_runtime::primitive;

/// Counts allocations, to show that a call makes none.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
#[expect(unsafe_code, reason = "an allocator cannot be wrapped otherwise")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[inline(never)]
#[expect(clippy::unused_async, reason = "what the others are measured against")]
async fn bare(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[primitive(type = "tool", action = "call")]
async fn annotated(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[autometrics::autometrics(track_concurrency)]
async fn measured_by_autometrics(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
async fn asks_model(n: u64) -> Usage {
    Usage::new(1_000 + n % 8, 200)
}

/// Returns the nanoseconds of one call: the median of many short rounds, which is robust on a busy machine.
fn nanoseconds_per_call(call: impl Fn(u64)) -> f64 {
    const ROUNDS: usize = 400;
    const CALLS: u32 = 2_000;
    (0..u64::from(CALLS)).for_each(&call);
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..u64::from(CALLS)).for_each(&call);
            start.elapsed() / CALLS
        })
        .collect();
    rounds.sort_unstable();
    let nanoseconds: Vec<f64> = rounds.iter().map(|round| round.as_secs_f64() * 1e9).collect();
    nanoseconds[ROUNDS / 2]
}

/// Returns the nanoseconds of one call while `threads` threads make calls.
fn nanoseconds_on_threads(threads: usize, call: impl Fn(u64) + Sync) -> f64 {
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| nanoseconds_per_call(&call))).collect();
        let each: Vec<f64> = running.into_iter().map(|thread| thread.join().expect("no call panics")).collect();
        each.iter().sum::<f64>() / threads as f64
    })
}

fn ratios() {
    autometrics::prometheus_exporter::init();
    // Without a span exporter: metrics only. Starting also calibrates the clock on a thread, for up to 0.2 s; the
    // measurement begins after that.
    let any_port = ([127, 0, 0, 1], 0).into();
    let telemetry = tta_runtime::builder().metrics_addr(any_port).init().expect("a port is free");
    std::thread::sleep(Duration::from_millis(500));
    let run_bare = |n| drop(black_box(block_on(bare(n))));
    let run_annotated = |n| drop(black_box(block_on(annotated(n))));
    let run_autometrics = |n| drop(black_box(block_on(measured_by_autometrics(n))));

    let base = nanoseconds_per_call(run_bare);
    let ours = nanoseconds_per_call(run_annotated) - base;
    let theirs = nanoseconds_per_call(run_autometrics) - base;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    (0..1_000).for_each(run_annotated);
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    let two = nanoseconds_on_threads(2, run_annotated) - nanoseconds_on_threads(2, run_bare);
    let two_theirs = nanoseconds_on_threads(2, run_autometrics) - nanoseconds_on_threads(2, run_bare);

    println!("added cost of one call, metrics only (bare: {base:.1} ns)");
    println!("  annotated             {ours:7.1} ns   on two threads {two:7.1} ns   ratio {:.2}", two / ours);
    println!(
        "  autometrics 3.0       {theirs:7.1} ns   on two threads {two_theirs:7.1} ns   ratio {:.2}",
        two_theirs / theirs
    );
    println!("  annotated/autometrics {:7.3}      (aim: at most 0.25)", ours / theirs);
    // The prices are decoded before the measurement.
    let _ = llm::price("openai", "gpt-4o-mini", &Usage::new(1, 1));
    let run_model = |n| drop(black_box(block_on(asks_model(n))));
    let priced = nanoseconds_per_call(run_model) - base;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    (0..1_000).for_each(run_model);
    let of_model = (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / 1e3;
    println!("  model call, with usage and price {priced:.0} ns, {of_model:.1} allocations (aim: at most 1000 ns, 5)");
    drop(telemetry);
    println!("  allocations in 1,000 annotated calls: {allocations} (aim: 0)");
}

fn calls(criterion: &mut Criterion) {
    // `cargo test` runs benchmarks once to check that they work, and measures nothing.
    if std::env::args().any(|argument| argument == "--bench") {
        ratios();
    }
    let mut group = criterion.benchmark_group("call");
    group.bench_function("bare", |bencher| bencher.iter(|| block_on(bare(1))));
    group.bench_function("annotated", |bencher| bencher.iter(|| block_on(annotated(1))));
    group.bench_function("autometrics", |bencher| bencher.iter(|| block_on(measured_by_autometrics(1))));
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
