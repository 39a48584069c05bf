//! The metrics as collectors of a `prometheus::Registry`.

use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric as ProtoMetric, MetricFamily, MetricType,
};

use crate::recorder::Recorder;
use crate::schema::Id;
use crate::snapshot::{self, Distribution, Row, RowKind, Value};

/// Registers every metric of the recorder, and returns the names that the registry had already.
pub(crate) fn register(recorder: &'static Recorder, registry: &prometheus::Registry) -> Vec<&'static str> {
    let shown = Id::ALL.into_iter().filter(|id| id.metric().shown);
    let collectors = shown.filter_map(|id| Some((id.metric().name, MetricCollector::new(recorder, id)?)));
    collectors.filter_map(|(name, collector)| registry.register(Box::new(collector)).is_err().then_some(name)).collect()
}

struct MetricCollector {
    recorder: &'static Recorder,
    id: Id,
    description: Desc,
}

impl MetricCollector {
    fn new(recorder: &'static Recorder, id: Id) -> Option<Self> {
        let metric = id.metric();
        let labels = metric.labels.iter().map(|&label| label.to_owned()).collect();
        let description = Desc::new(metric.name.to_owned(), metric.help.to_owned(), labels, HashMap::new()).ok()?;
        Some(Self { recorder, id, description })
    }
}

impl Collector for MetricCollector {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.description]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let rows = snapshot::read(self.recorder, self.id);
        if rows.series.is_empty() {
            // A family without series is none: encoders refuse it.
            return Vec::new();
        }
        let mut family = MetricFamily::default();
        family.set_name(rows.name.into_owned());
        family.set_help(rows.help.into_owned());
        family.set_field_type(match rows.kind {
            RowKind::Counter => MetricType::COUNTER,
            RowKind::Histogram => MetricType::HISTOGRAM,
            RowKind::Gauge | RowKind::Level | RowKind::Summary | RowKind::Untyped => MetricType::GAUGE,
        });
        family.set_metric(rows.series.into_iter().map(|row| metric(row, rows.kind)).collect());
        vec![family]
    }
}

fn metric(row: Row, kind: RowKind) -> ProtoMetric {
    let labels = row.labels.into_iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.into_owned());
        pair.set_value(value.into_owned());
        pair
    });
    let mut metric = ProtoMetric::from_label(labels.collect());
    match (row.value, kind) {
        (Value::Distribution(distribution), _) => metric.set_histogram(histogram(&distribution)),
        (Value::Number(number), RowKind::Counter) => {
            let mut counter = Counter::default();
            counter.set_value(number);
            metric.set_counter(counter);
        }
        (Value::Number(number), _) => {
            let mut gauge = Gauge::default();
            gauge.set_value(number);
            metric.set_gauge(gauge);
        }
        (Value::Quantiles { .. }, _) => {}
    }
    metric
}

fn histogram(distribution: &Distribution) -> Histogram {
    let mut below = 0;
    let finite = distribution.buckets.iter().filter(|(bound, ..)| bound.is_finite());
    let buckets = finite.map(|&(bound, n, _)| {
        below += n;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(below);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(distribution.count());
    histogram.set_sample_sum(distribution.sum);
    histogram
}
