//! All metrics of a registry: ours with all that we know of them, a host's own as the registry has them.

use std::collections::HashSet;

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::prometheus_name;
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::snapshot::{Distribution, Row, RowKind, Rows, Value};
use crate::view::{self, View};

/// Reads the recorder's metrics, under the names of the views, and those that the host registered besides, ordered as
/// they are exposed. Where two have one name, the first stands.
#[cfg(feature = "otlp")]
pub(crate) fn gather(recorder: &'static Recorder, registry: &prometheus::Registry, views: &[View]) -> Vec<Rows> {
    named_once(all(recorder, registry, views))
}

/// Reads the same under names that Prometheus' formats can write.
pub(crate) fn gather_for_text(
    recorder: &'static Recorder,
    registry: &prometheus::Registry,
    views: &[View],
) -> Vec<Rows> {
    named_once(all(recorder, registry, views).into_iter().map(prometheus_name::translate).collect())
}

fn named_once(mut families: Vec<Rows>) -> Vec<Rows> {
    let mut names = HashSet::new();
    families.retain(|rows| names.insert(rows.name.clone()));
    families
}

fn all(recorder: &'static Recorder, registry: &prometheus::Registry, views: &[View]) -> Vec<Rows> {
    let ours = view::read(recorder, views);
    let is_ours = |name: &str| Id::ALL.into_iter().any(|id| id.metric().name == name);
    // The registry's model has no number for a metric without a type, so there is nothing to show of one.
    let is_shown = |family: &MetricFamily| family.get_field_type() != MetricType::UNTYPED && !is_ours(family.name());
    let hosts = registry.gather().into_iter().filter(is_shown).map(|family| rows(&family));
    ours.into_iter().chain(hosts).filter(|rows| !rows.series.is_empty()).collect()
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
        series: family.get_metric().iter().map(|metric| row(metric, kind)).collect(),
    }
}

fn row(metric: &Metric, kind: RowKind) -> Row {
    let labels = metric.get_label().iter().map(|pair| (pair.name().to_owned().into(), pair.value().to_owned().into()));
    let value = match kind {
        RowKind::Counter => Value::Number(metric.get_counter().get_value()),
        RowKind::Gauge | RowKind::Level => Value::Number(metric.get_gauge().get_value()),
        RowKind::Untyped => Value::Number(0.0),
        RowKind::Histogram => Value::Distribution(distribution(metric.get_histogram())),
        RowKind::Summary => {
            let summary = metric.get_summary();
            let quantiles = summary.get_quantile().iter().map(|quantile| (quantile.quantile(), quantile.value()));
            Value::Quantiles {
                quantiles: quantiles.collect(),
                count: summary.sample_count(),
                sum: summary.sample_sum(),
            }
        }
    };
    Row { labels: labels.collect(), value }
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
    Distribution { buckets, sum: histogram.get_sample_sum() }
}
