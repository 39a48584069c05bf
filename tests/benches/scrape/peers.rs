//! The numbers of caches with the crates `prometheus` and `prometheus-client`.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// The bounds of `tta_cache_latency_seconds`.
pub(super) const BOUNDS: &[f64] = tta_runtime::schema::buckets::FAST;

/// The operations of a cache in memory, the timed ones first.
pub(super) const OPERATIONS: [&str; 6] = ["hit", "miss", "coalesced", "store", "evict", "expire"];

pub(super) const TIMED: usize = 3;

/// The same numbers with the crates `prometheus` and `prometheus-client`.
pub(super) struct Peers {
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
    pub(super) fn new() -> Self {
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

    pub(super) fn add(&self, cache: &str) {
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

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("it is written");
        text
    }

    pub(super) fn openmetrics(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.client).expect("it is written");
        text
    }
}
