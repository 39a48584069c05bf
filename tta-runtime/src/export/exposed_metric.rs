//! The names and labels that Prometheus finds under a view, derived without a running program.

use std::sync::Arc;

use super::prometheus_name;
use crate::schema::Kind;
use crate::snapshot::view::{Instrument, View};
use crate::snapshot::{LabelSet, Row, RowKind, Rows, Value};

/// A metric as Prometheus scrapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExposedMetric {
    /// Its name; a histogram's samples have `_bucket`, `_sum` and `_count` after it.
    pub name: String,
    /// The kind of its number.
    pub kind: Kind,
    /// The names of the labels that its series may have, without `le` and the labels that a scrape adds.
    pub labels: Vec<String>,
    /// True if its series also have the own labels of annotated functions.
    pub own_labels: bool,
}

impl View {
    /// Returns the metrics of the view under the names that `/metrics` shows, in the order in which it shows them.
    ///
    /// ```
    /// use tta_runtime::View;
    ///
    /// let exposed = View::Otel.exposed();
    /// assert_eq!(exposed[1].name, "primitive_execution_duration_milliseconds");
    /// assert_eq!(exposed[1].labels, ["primitive_type", "primitive_name"]);
    /// assert!(exposed[1].own_labels);
    /// ```
    #[must_use]
    pub fn exposed(self) -> Vec<ExposedMetric> {
        with_help(self).map(|(metric, _)| metric).collect()
    }
}

/// Returns the metrics of a view, each with its help text.
pub(super) fn with_help(view: View) -> impl Iterator<Item = (ExposedMetric, &'static str)> {
    let own = view.own_names().map(|id| (of_metric(id.metric()), id.metric().help));
    view.instruments().map(|instrument| (of_instrument(instrument), instrument.help)).chain(own)
}

fn of_metric(metric: &crate::schema::Metric) -> ExposedMetric {
    ExposedMetric {
        name: metric.name.to_owned(),
        kind: metric.kind,
        labels: metric.labels.iter().map(|&label| label.to_owned()).collect(),
        own_labels: metric.own_labels,
    }
}

/// Translates a family with a single series that has all labels.
fn of_instrument(instrument: &Instrument) -> ExposedMetric {
    let labels: LabelSet = instrument.label_names().into_iter().map(|label| (label, "".into())).collect();
    let translated = prometheus_name::translate(Arc::new(Rows {
        name: instrument.name.into(),
        help: instrument.help.into(),
        kind: instrument.kind,
        unit: instrument.unit,
        is_whole: false,
        series: vec![Row::new(labels, Value::Number(0.0))],
    }));
    let labels = translated.series.iter().flat_map(|row| row.labels.iter());
    ExposedMetric {
        name: translated.name.to_string(),
        kind: match instrument.kind {
            RowKind::Counter => Kind::Counter,
            RowKind::Histogram => Kind::Histogram,
            RowKind::Gauge | RowKind::Level | RowKind::Summary | RowKind::Untyped => Kind::Gauge,
        },
        labels: labels.map(|(label, _)| label.to_owned()).collect(),
        own_labels: instrument.has_own_labels(),
    }
}
