//! The time of a scrape beside that of the crates `prometheus` and `prometheus-client` with the same series, and what it costs those who
//! record meanwhile.
//!
//! It is a program of its own: the page has the series of all annotated functions that a program links.
//!
//! `TTA_BENCH_CASE="metrics:100:1000" valgrind --tool=callgrind` on its executable counts the instructions of 100 pages of 1,000 samples;
//! `repeat` lists the cases.

#[path = "../performance/cpu_time.rs"]
mod cpu_time;
mod peers;
#[expect(dead_code, reason = "here each aim is a ratio")]
#[path = "../performance/report.rs"]
mod report;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use tta_runtime::block::{Block, Cache};
use tta_runtime::primitive;

use cpu_time::cpu_time;
use peers::{BOUNDS, OPERATIONS, Peers, TIMED};
use report::{Aim, Case};

/// The samples of a cache: those of three histograms, six counters and a gauge.
const SAMPLES_OF_CACHE: usize = TIMED * (BOUNDS.len() + 3) + OPERATIONS.len() + 1;

const TEXT: &str = "text/plain";
const OPENMETRICS: &str = "application/openmetrics-text";

/// The variable that names the case of a process and, after `:`, how often it is repeated.
const CASE: &str = "TTA_BENCH_CASE";

fn main() {
    let case = std::env::var(CASE).ok();
    // `cargo test` runs benchmarks to check that they work, and measures nothing.
    if case.is_none() && !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let telemetry = tta_runtime::builder().without_metrics_server().label_sets(200_000).init().expect("it starts");
    // The clock is calibrated meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut pages = Pages { runtime: &runtime, peers: Peers::new(), caches: Vec::new() };
    match case {
        Some(case) => repeat(&mut pages, &case),
        None => {
            for samples in [1_000, 10_000, 100_000] {
                pages.grow_to(samples);
                report_scrapes(&pages, samples);
            }
            report_writers();
        }
    }
    drop(telemetry);
}

/// Makes pages of one case, with 10,000 samples or the given number, for a tool that counts instructions.
fn repeat(pages: &mut Pages<'_>, case: &str) {
    let mut parts = case.split(':');
    let page = parts.next().expect("a case");
    let mut number = || parts.next().map(|number| number.parse().expect("a number"));
    let times = number().expect("how often");
    pages.grow_to(number().unwrap_or(10_000));
    for _ in 0..times {
        match page {
            // Without the numbers of the process, which valgrind cannot read.
            "metrics" => drop(black_box(tta_runtime::metrics_text())),
            "text" => drop(black_box(pages.own(TEXT))),
            "openmetrics" => drop(black_box(pages.own(OPENMETRICS))),
            "prometheus" => drop(black_box(pages.peers.text())),
            "prometheus-client" => drop(black_box(pages.peers.openmetrics())),
            _ => panic!("there is no case `{page}`"),
        }
    }
}

/// The page of the library and those of the peers.
struct Pages<'a> {
    runtime: &'a Runtime,
    peers: Peers,
    /// A cache that is gone has no entries to expose.
    caches: Vec<Box<dyn std::any::Any>>,
}

impl Pages<'_> {
    /// Adds caches until each page has about this many samples.
    fn grow_to(&mut self, samples: usize) {
        while self.caches.len() < samples / SAMPLES_OF_CACHE {
            let name = format!("cache-{}-of-answers", self.caches.len()).leak();
            let cache = answer.with(Cache::memory(10).named(name));
            for _ in 0..2 {
                self.runtime.block_on(cache.run(1)).expect("an answer");
            }
            self.caches.push(Box::new(cache));
            self.peers.add(name);
        }
    }

    /// Returns the page of the library as its HTTP service answers a request for a content type.
    fn own(&self, accepted: &str) -> Bytes {
        self.runtime.block_on(async {
            let request = Request::get("/metrics").header("accept", accepted).body(()).expect("a request");
            let response = tta_runtime::metrics_service().oneshot(request).await.expect("an answer");
            assert!(response.status().is_success(), "{}", response.status());
            response.into_body().collect().await.expect("a body").to_bytes()
        })
    }
}

async fn answer(n: u64) -> Result<u64, String> {
    Ok(n)
}

#[inline(never)]
#[primitive(type = "tool", action = "call")]
fn annotated(n: u64) -> u64 {
    black_box(n) + 1
}

fn samples(page: &[u8]) -> usize {
    page.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")).count()
}

/// Prints the CPU nanoseconds of one sample.
fn report_scrapes(pages: &Pages<'_>, size: usize) {
    // Long enough for the counting of CPU time, which advances by milliseconds.
    let rounds = 2_000_000 / size as u32;
    let of_sample = |page: &dyn Fn() -> Bytes| {
        let samples = samples(&page());
        // The allocator adapts to the size of the pages.
        (0..rounds.div_ceil(10)).for_each(|_| drop(black_box(page())));
        let start = cpu_time();
        (0..rounds).for_each(|_| drop(black_box(page())));
        cpu_time().saturating_sub(start).as_secs_f64() * 1e9 / f64::from(rounds) / samples as f64
    };
    let case = |format: &str, ours, peer, aim| {
        let name = format!("{format} of {size} samples");
        Case { group: "scrape", name, unit: "ns of CPU a sample", ours, peer: Some(peer), aim: Aim::Ratio(aim) }
            .print();
    };
    let theirs = of_sample(&|| pages.peers.text().into());
    case("text", of_sample(&|| pages.own(TEXT)), ("prometheus::TextEncoder", theirs), 0.33);
    let theirs = of_sample(&|| pages.peers.openmetrics().into());
    case("OpenMetrics", of_sample(&|| pages.own(OPENMETRICS)), ("prometheus-client", theirs), 1.5);
}

/// Prints the 99th percentile of the time of a call while scrapes follow each other, and without them.
fn report_writers() {
    let quiet = p99();
    let done = AtomicBool::new(false);
    let scraped = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                drop(black_box(tta_runtime::metrics_text()));
            }
        });
        let scraped = p99();
        done.store(true, Ordering::Relaxed);
        scraped
    });
    let name = "99th percentile of calls during scrapes".to_owned();
    let peer = Some(("without scrapes", quiet));
    Case { group: "scrape", name, unit: "ns", ours: scraped, peer, aim: Aim::Ratio(1.2) }.print();
}

/// Returns the 99th percentile of the time of ten calls, divided by ten.
fn p99() -> f64 {
    const ROUNDS: usize = 200_000;
    let mut times: Vec<_> = (0..ROUNDS as u64)
        .map(|_| {
            let start = Instant::now();
            for n in 0..10 {
                black_box(annotated(n));
            }
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS * 99 / 100].as_secs_f64() * 1e8
}
