//! The metrics as one collector of a `prometheus::Registry`.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric as ProtoMetric, MetricFamily, MetricType,
};

use crate::recorder::Recorder;
use crate::schema::{Id, Metric};
use crate::snapshot::{Distribution, Row, RowKind, Rows, Snapshot, Value};

/// The metrics that earlier starts have registered.
static REGISTERED: Mutex<Vec<(prometheus::Registry, Vec<Desc>)>> = Mutex::new(Vec::new());

/// Takes back what an earlier start has registered: a new start with the same registry would find its own names taken.
pub(crate) fn unregister_all(recorder: &'static Recorder) {
    for (registry, descriptions) in std::mem::take(&mut *registered()) {
        // It fails if the host has taken the collector back itself.
        let _ = registry.unregister(Box::new(OwnCollector { recorder, metrics: Vec::new(), descriptions }));
    }
}

fn registered() -> MutexGuard<'static, Vec<(prometheus::Registry, Vec<Desc>)>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers every metric of the recorder, and returns the names that were already taken in the registry.
pub(crate) fn register(recorder: &'static Recorder, registry: &prometheus::Registry) -> Vec<&'static str> {
    let shown = Id::ALL.iter().copied().filter(|id| id.metric().shown);
    let described = shown.filter_map(|id| Some((id, description(id.metric())?)));
    let is_free = |(_, description): &(Id, Desc)| {
        // A collector is registered whole or not at all, so each name is probed alone first.
        let probe =
            || Box::new(OwnCollector { recorder, metrics: Vec::new(), descriptions: vec![description.clone()] });
        registry.register(probe()).and_then(|()| registry.unregister(probe())).is_ok()
    };
    let (free, taken): (Vec<_>, Vec<_>) = described.partition(is_free);
    let mut taken: Vec<_> = taken.into_iter().map(|(id, _)| id.metric().name).collect();
    let (metrics, descriptions): (Vec<_>, Vec<_>) = free.into_iter().unzip();
    let names: Vec<_> = metrics.iter().map(|id| id.metric().name).collect();
    let own = OwnCollector { recorder, metrics, descriptions: descriptions.clone() };
    if registry.register(Box::new(own)).is_ok() {
        registered().push((registry.clone(), descriptions));
    } else {
        // The host registered one of the names concurrently.
        taken.extend(names);
    }
    taken
}

fn description(metric: &Metric) -> Option<Desc> {
    let labels = metric.labels.iter().map(|&label| label.to_owned()).collect();
    Desc::new(metric.name.to_owned(), metric.help.to_owned(), labels, HashMap::new()).ok()
}

/// Collects all metrics of a recorder from one snapshot, so that they agree within one gathering.
struct OwnCollector {
    recorder: &'static Recorder,
    metrics: Vec<Id>,
    descriptions: Vec<Desc>,
}

thread_local! {
    /// True while this thread gathers only the host's metrics.
    static HOST_ONLY: Cell<bool> = const { Cell::new(false) };
}

/// Gathers what the host registered, without collecting the library's own metrics.
pub(super) fn gather_host(registry: &prometheus::Registry) -> Vec<MetricFamily> {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            HOST_ONLY.set(false);
        }
    }
    HOST_ONLY.set(true);
    // A collector of the host may panic.
    let _reset = Reset;
    registry.gather()
}

impl Collector for OwnCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        if HOST_ONLY.get() {
            return Vec::new();
        }
        let snapshot = Snapshot::take(self.recorder);
        let rows = self.metrics.iter().map(|&id| snapshot.rows(id));
        // Encoders reject a family without series.
        rows.filter(|rows| !rows.series.is_empty()).map(|rows| family(rows)).collect()
    }
}

fn family(rows: &Rows) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(rows.name.to_string());
    family.set_help(rows.help.to_string());
    family.set_field_type(match rows.kind {
        RowKind::Counter => MetricType::COUNTER,
        RowKind::Histogram => MetricType::HISTOGRAM,
        RowKind::Gauge | RowKind::Level | RowKind::Summary | RowKind::Untyped => MetricType::GAUGE,
    });
    family.set_metric(rows.series.iter().map(|row| metric(row, rows.kind)).collect());
    family
}

fn metric(row: &Row, kind: RowKind) -> ProtoMetric {
    let labels = row.labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_string());
        pair.set_value(value.to_string());
        pair
    });
    let mut metric = ProtoMetric::from_label(labels.collect());
    match (&row.value, kind) {
        (Value::Distribution(distribution), _) => metric.set_histogram(histogram(distribution)),
        (Value::Number(number), RowKind::Counter) => {
            let mut counter = Counter::default();
            counter.set_value(*number);
            metric.set_counter(counter);
        }
        (Value::Number(number), _) => {
            let mut gauge = Gauge::default();
            gauge.set_value(*number);
            metric.set_gauge(gauge);
        }
        (Value::Quantiles { .. }, _) => {}
    }
    metric
}

fn histogram(distribution: &Distribution) -> Histogram {
    let mut below = 0;
    let finite = distribution.buckets().filter(|(bound, ..)| bound.is_finite());
    let buckets = finite.map(|(bound, n, _)| {
        below += n;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(below);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(distribution.count());
    histogram.set_sample_sum(distribution.sum());
    histogram
}
