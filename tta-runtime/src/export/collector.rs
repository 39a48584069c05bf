//! The metrics as one collector of a `prometheus::Registry`.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric as ProtoMetric, MetricFamily, MetricType,
};

use super::{exposed_metric, prometheus_name};
use crate::recorder::Recorder;
use crate::snapshot::view::View;
use crate::snapshot::{Distribution, Row, RowKind, Rows, Snapshot, Value};

/// The metrics that earlier starts have registered.
static REGISTERED: Mutex<Vec<(prometheus::Registry, Vec<Desc>)>> = Mutex::new(Vec::new());

/// Takes back what an earlier start has registered: a new start with the same registry would find its own names taken.
pub(crate) fn unregister_all(recorder: &'static Recorder) {
    for (registry, descriptions) in std::mem::take(&mut *registered()) {
        // It fails if the host has taken the collector back itself.
        let _ = registry.unregister(Box::new(OwnCollector { recorder, names: HashSet::new(), descriptions }));
    }
}

fn registered() -> MutexGuard<'static, Vec<(prometheus::Registry, Vec<Desc>)>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers every metric of the recorder, and returns the names that were already taken in the registry.
pub(crate) fn register(recorder: &'static Recorder, registry: &prometheus::Registry) -> Vec<String> {
    let described = exposed_metric::with_help(View::Tta).filter_map(|(metric, help)| {
        let description = Desc::new(metric.name.clone(), help.to_owned(), metric.labels, HashMap::new()).ok()?;
        Some((metric.name, description))
    });
    let is_free = |(_, description): &(String, Desc)| {
        // A collector is registered whole or not at all, so each name is probed alone first.
        let probe =
            || Box::new(OwnCollector { recorder, names: HashSet::new(), descriptions: vec![description.clone()] });
        registry.register(probe()).and_then(|()| registry.unregister(probe())).is_ok()
    };
    let (free, taken): (Vec<_>, Vec<_>) = described.partition(is_free);
    let mut taken: Vec<_> = taken.into_iter().map(|(name, _)| name).collect();
    let (names, descriptions): (Vec<_>, Vec<_>) = free.into_iter().unzip();
    let own = OwnCollector { recorder, names: names.iter().cloned().collect(), descriptions: descriptions.clone() };
    if registry.register(Box::new(own)).is_ok() {
        registered().push((registry.clone(), descriptions));
    } else {
        // The host registered one of the names concurrently.
        taken.extend(names);
    }
    taken
}

/// Collects all metrics of a recorder from one snapshot, so that they agree within one gathering.
struct OwnCollector {
    recorder: &'static Recorder,
    /// The names that were free.
    names: HashSet<String>,
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
        let rows = Snapshot::take(self.recorder).under(&[View::Tta]).into_iter().map(prometheus_name::translate);
        // Encoders reject a family without series.
        let is_wanted = |rows: &Arc<Rows>| self.names.contains(&*rows.name) && !rows.series.is_empty();
        rows.filter(is_wanted).map(|rows| family(&rows)).collect()
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

#[cfg(test)]
mod tests {
    use super::register;
    use crate::clock::Clock;
    use crate::recorder::Recorder;
    use crate::schema::Id;

    #[test]
    fn a_name_of_the_conventions_is_translated_and_labels_without_a_value_are_left_out() {
        let recorder = Recorder::isolated(Clock::System);
        let registry = prometheus::Registry::new();
        assert_eq!(register(recorder, &registry), Vec::<String>::new());
        recorder.add(Id::McpClientDuration, &["ping", "", "", "", "", "tcp", ""], 1_000_000_000);
        let families = registry.gather();
        let family = families.iter().find(|family| family.name() == "mcp_client_operation_duration_seconds");
        let [metric] = family.expect("it is registered").get_metric() else { panic!("one series") };
        let labels: Vec<_> = metric.get_label().iter().map(|label| (label.name(), label.value())).collect();
        assert_eq!(labels, [("mcp_method_name", "ping"), ("network_transport", "tcp")]);
        assert_eq!((metric.get_histogram().get_sample_count(), metric.get_histogram().get_sample_sum()), (1, 1.0));
    }
}
