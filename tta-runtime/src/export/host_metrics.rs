//! The host's own metrics, as its registry gathers them.

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::collector;
use crate::snapshot::{Distribution, Row, RowKind, Rows, Value};

/// Reads the metrics that the host registered, without the library's own, which the registry also holds.
pub(super) fn read(registry: &prometheus::Registry) -> Vec<Rows> {
    let families = collector::gather_host(registry).into_iter();
    // The registry's data model holds no value for an untyped metric.
    families.filter(|family| family.get_field_type() != MetricType::UNTYPED).map(|family| rows(&family)).collect()
}

/// The number of a counter or a gauge, under every feature set of `prometheus`.
///
/// With its feature `protobuf` a counter has the inherent method `value` alone, without it `get_value` alone. Inherent
/// methods win over this trait's, so that `value` reads the number in both cases.
trait Number {
    fn value(&self) -> f64;

    /// Stands for the inherent method where there is none; never called.
    #[allow(dead_code, reason = "it is used under one feature set of `prometheus` alone")]
    fn get_value(&self) -> f64 {
        f64::NAN
    }
}

impl Number for prometheus::proto::Counter {
    fn value(&self) -> f64 {
        self.get_value()
    }
}

impl Number for prometheus::proto::Gauge {
    fn value(&self) -> f64 {
        self.get_value()
    }
}

fn rows(family: &MetricFamily) -> Rows {
    let kind = match family.get_field_type() {
        MetricType::COUNTER => RowKind::Counter,
        MetricType::GAUGE => RowKind::Gauge,
        MetricType::HISTOGRAM => RowKind::Histogram,
        MetricType::SUMMARY => RowKind::Summary,
        MetricType::UNTYPED => RowKind::Untyped,
    };
    Rows {
        name: family.name().to_owned().into(),
        help: family.help().to_owned().into(),
        kind,
        unit: "",
        is_whole: false,
        series: family.get_metric().iter().map(|metric| row(metric, kind)).collect(),
    }
}

fn row(metric: &Metric, kind: RowKind) -> Row {
    let labels = metric.get_label().iter().map(|pair| (pair.name().to_owned().into(), pair.value().to_owned().into()));
    let value = match kind {
        RowKind::Counter => Value::Number(metric.get_counter().value()),
        RowKind::Gauge | RowKind::Level => Value::Number(metric.get_gauge().value()),
        RowKind::Untyped => Value::Number(0.0),
        RowKind::Histogram => Value::Distribution(distribution(metric.get_histogram())),
        RowKind::Summary => {
            let summary: &prometheus::proto::Summary = metric.get_summary();
            let quantiles = summary.get_quantile().iter().map(|quantile| (quantile.quantile(), quantile.value()));
            Value::Quantiles {
                quantiles: quantiles.collect(),
                count: summary.sample_count(),
                sum: summary.sample_sum(),
            }
        }
    };
    Row::new(labels.collect(), value)
}

fn distribution(histogram: &prometheus::proto::Histogram) -> Distribution {
    let mut below = 0;
    let mut buckets: Vec<_> = histogram
        .get_bucket()
        .iter()
        .filter(|bucket| bucket.upper_bound().is_finite())
        .map(|bucket| {
            let n = bucket.cumulative_count().saturating_sub(below);
            below = bucket.cumulative_count();
            (bucket.upper_bound(), n, None)
        })
        .collect();
    buckets.push((f64::INFINITY, histogram.get_sample_count().saturating_sub(below), None));
    Distribution::of_buckets(&buckets, histogram.get_sample_sum())
}
