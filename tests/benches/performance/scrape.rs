//! The time of a scrape, and what it costs those who record meanwhile.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use http::Request;
use http_body_util::BodyExt;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use tta_runtime::block::{Block, Cache};

use super::calls::run_annotated;
use super::cpu_time::cpu_time;
use super::report::{Aim, Case};

/// The bounds of `tta_cache_latency_seconds`.
const BOUNDS: &[f64] = tta_runtime::schema::buckets::FAST;

/// The operations of a cache in memory, the timed ones first.
const OPERATIONS: [&str; 6] = ["hit", "miss", "coalesced", "store", "evict", "expire"];

const TIMED: usize = 3;

/// The samples of a cache: those of three histograms, six counters and a gauge.
const SAMPLES_OF_CACHE: usize = TIMED * (BOUNDS.len() + 3) + OPERATIONS.len() + 1;

async fn answer(n: u64) -> Result<u64, String> {
    Ok(n)
}

/// The same numbers with the crates `prometheus` and `prometheus-client`.
struct Peers {
    registry: Registry,
    histogram: HistogramVec,
    counter: IntCounterVec,
    gauge: IntGaugeVec,
    client: prometheus_client::registry::Registry,
    client_histogram: Family<Labels, Histogram, fn() -> Histogram>,
    client_counter: Family<Labels, Counter>,
    client_gauge: Family<Labels, Gauge>,
}

type Labels = Vec<(&'static str, String)>;

const NAMES: [&str; 3] = ["primitive_name", "cache_type", "operation"];

impl Peers {
    fn new() -> Self {
        let registry = Registry::new();
        let options = HistogramOpts::new("cache_latency_seconds", "Time of the look-up.").buckets(BOUNDS.to_vec());
        let histogram = HistogramVec::new(options, &NAMES).expect("a name");
        let counter = IntCounterVec::new(Opts::new("cache_operations_total", "Operations."), &NAMES).expect("a name");
        let gauge = IntGaugeVec::new(Opts::new("cache_entries", "Entries."), &NAMES[..1]).expect("a name");
        registry.register(Box::new(histogram.clone())).expect("a free name");
        registry.register(Box::new(counter.clone())).expect("a free name");
        registry.register(Box::new(gauge.clone())).expect("a free name");
        let make: fn() -> Histogram = || Histogram::new(BOUNDS.iter().copied());
        let (client_histogram, client_counter) = (Family::new_with_constructor(make), Family::default());
        let client_gauge = Family::default();
        let mut client = prometheus_client::registry::Registry::default();
        client.register("cache_latency_seconds", "Time of the look-up.", client_histogram.clone());
        client.register("cache_operations", "Operations.", client_counter.clone());
        client.register("cache_entries", "Entries.", client_gauge.clone());
        Self { registry, histogram, counter, gauge, client, client_histogram, client_counter, client_gauge }
    }

    fn add(&self, cache: &str) {
        for (index, operation) in OPERATIONS.into_iter().enumerate() {
            let values = [cache, "memory", operation];
            let labels: Labels = NAMES.into_iter().zip(values.map(str::to_owned)).collect();
            self.counter.with_label_values(&values).inc();
            self.client_counter.get_or_create(&labels).inc();
            if index < TIMED {
                self.histogram.with_label_values(&values).observe(1e-6);
                self.client_histogram.get_or_create(&labels).observe(1e-6);
            }
        }
        self.gauge.with_label_values(&[cache]).inc();
        self.client_gauge.get_or_create(&vec![(NAMES[0], cache.to_owned())]).inc();
    }

    /// Returns the number of samples.
    fn samples(&self) -> usize {
        let text = self.text();
        text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")).count()
    }

    fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("it is written");
        text
    }

    fn openmetrics(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.client).expect("it is written");
        text
    }
}

/// Returns the page with the metrics, in OpenMetrics' format if `accepted` names it.
async fn scrape(service: tta_runtime::MetricsService, accepted: &str) -> usize {
    let request = Request::get("/metrics").header("accept", accepted).body(()).expect("a request");
    let response = service.oneshot(request).await.expect("an answer");
    assert!(response.status().is_success(), "{}", response.status());
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    body.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#")).count()
}

pub(super) fn report() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let peers = Peers::new();
    let mut caches = Vec::new();
    for samples in [1_000, 10_000, 100_000] {
        while caches.len() < samples / SAMPLES_OF_CACHE {
            let name = format!("cache-{}-of-answers", caches.len()).leak();
            let cache = answer.with(Cache::memory(10).named(name));
            for _ in 0..2 {
                runtime.block_on(cache.run(1)).expect("an answer");
            }
            caches.push(cache);
            peers.add(name);
        }
        report_scrapes(&runtime, &peers, samples);
    }
    report_writers(&runtime);
}

/// Scrapes this many times.
pub(super) fn repeat(scrapes: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let caches: Vec<_> = (0..200).map(|n| answer.with(Cache::memory(10).named(format!("cache-{n}").leak()))).collect();
    for cache in &caches {
        runtime.block_on(cache.run(1)).expect("an answer");
    }
    for _ in 0..scrapes {
        black_box(tta_runtime::metrics_text());
    }
}

/// Prints the CPU nanoseconds of one sample.
fn report_scrapes(runtime: &Runtime, peers: &Peers, size: usize) {
    // Long enough for the counting of CPU time, which advances by milliseconds.
    let rounds = 2_000_000 / size as u32;
    let service = tta_runtime::metrics_service();
    let of_sample = |samples: usize, work: &dyn Fn()| {
        let start = cpu_time();
        (0..rounds).for_each(|_| work());
        cpu_time().saturating_sub(start).as_secs_f64() * 1e9 / f64::from(rounds) / samples as f64
    };
    let ours = |accepted: &'static str| {
        let scrape = || runtime.block_on(scrape(service.clone(), accepted));
        of_sample(scrape(), &|| {
            black_box(scrape());
        })
    };
    let [text, openmetrics] = ["text/plain", "application/openmetrics-text"].map(ours);
    let samples = peers.samples();
    let theirs = of_sample(samples, &|| drop(black_box(peers.text())));
    let client = of_sample(samples, &|| drop(black_box(peers.openmetrics())));
    let case = |format: &str, ours, peer, aim| {
        let name = format!("{format} of {size} samples");
        Case { group: "scrape", name, unit: "ns of CPU a sample", ours, peer: Some(peer), aim: Aim::Ratio(aim) }
            .print();
    };
    case("text", text, ("prometheus::TextEncoder", theirs), 0.33);
    case("OpenMetrics", openmetrics, ("prometheus-client", client), 1.5);
}

/// Prints the 99th percentile of the time of a call while scrapes follow each other, and without them.
fn report_writers(runtime: &Runtime) {
    let quiet = p99();
    let done = AtomicBool::new(false);
    let scraped = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                runtime.block_on(scrape(tta_runtime::metrics_service(), "text/plain"));
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
            (0..10).for_each(run_annotated);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS * 99 / 100].as_secs_f64() * 1e8
}
